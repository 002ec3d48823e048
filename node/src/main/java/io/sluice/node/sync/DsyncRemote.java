package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.io.InputStream;

/**
 * What can be asked of another node that speaks dsync, whatever the transport: a method each.
 * Answers are bounded and checked for their form; whether they are true is for the caller to see.
 * Safe for many threads.
 *
 * <p>Two kinds of failure: {@link ServiceException} is a no, {@link IOException} may be another
 * time.
 *
 * <p>Spec: dsync 0.2.0, HTTP wire and libp2p wire.
 */
interface DsyncRemote extends AutoCloseable {
  /**
   * A session for a push.
   *
   * @param missing the blocks that the other end asks for
   * @param streams whether it takes them as one archive
   */
  record PushSession(String sid, Manifest missing, boolean streams) {}

  /**
   * What another node says of a DAG.
   *
   * @param streams whether it sends blocks as one archive
   */
  record RemoteInfo(Info info, boolean streams) {}

  /** Longest name of a session that is taken. */
  int LONGEST_SID = 256;

  /**
   * Opens a session for a push.
   *
   * @param pin whether the other end is asked to keep it
   */
  PushSession open(Info info, boolean pin)
      throws IOException, ServiceException, InterruptedException;

  /** Sends blocks as one archive, to one that {@linkplain PushSession#streams takes} it. */
  void putArchive(String sid, Iterable<byte[]> archive)
      throws IOException, ServiceException, InterruptedException;

  /** Sends one block. */
  void putBlock(String sid, Block block) throws IOException, ServiceException, InterruptedException;

  /** Asks of which blocks a DAG consists. */
  RemoteInfo info(Cid root) throws IOException, ServiceException, InterruptedException;

  /** Asks for one block, which is hashed. */
  Block block(Cid cid) throws IOException, ServiceException, InterruptedException;

  /**
   * Asks for blocks as one archive, one that {@linkplain RemoteInfo#streams sends} it; what is in
   * it has not been looked at. To be closed.
   */
  InputStream stream(Manifest wanted) throws IOException, ServiceException, InterruptedException;

  /** Asks to keep a DAG no longer. */
  void remove(Cid root) throws IOException, ServiceException, InterruptedException;

  /** Ends what is under way. */
  @Override
  void close();
}
