package io.sluice.node.api;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.dealstore.journal.JournalDamaged;
import io.sluice.fsm.MachinesStopped;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.WrongLedgerException;
import io.sluice.payments.ledger.embedded.LedgerDamagedException;
import io.sluice.payments.voucher.BadKeyFileException;
import io.sluice.payments.voucher.WrongPassphraseException;
import io.sluice.protocol.FailureCode;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.libp2p.ConnectionLostException;
import io.sluice.protocol.libp2p.Libp2pException;
import io.sluice.protocol.libp2p.PeerDeniedException;
import io.sluice.protocol.libp2p.PeerMismatchException;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.unixfs.EntityBytes;
import io.sluice.protocol.unixfs.PathNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Objects;

/** What the failures of the modules beneath are called for an operator: one table. */
public final class Faults {
  private Faults() {}

  private static final Map<String, FailureCode> PROTOCOL =
      Map.ofEntries(
          Map.entry(ProtocolException.HASH_NOT_ALLOWED, ErrorCode.BAD_CID),
          Map.entry(ProtocolException.BAD_MULTIADDR, ErrorCode.BAD_ADDRESS),
          Map.entry(ProtocolException.BAD_PEER_ID, ErrorCode.BAD_ADDRESS),
          Map.entry(ProtocolException.SELECTOR_INVALID, ErrorCode.BAD_SELECTOR),
          Map.entry(ProtocolException.SELECTOR_TOO_COMPLEX, ErrorCode.BAD_SELECTOR),
          Map.entry(ProtocolException.SELECTOR_TOO_DEEP, ErrorCode.BAD_SELECTOR),
          Map.entry(ProtocolException.BLOCK_HASH_MISMATCH, DealCode.BLOCK_HASH_MISMATCH),
          Map.entry("BAD_CAR", ErrorCode.BAD_CAR),
          Map.entry("INTERVAL_OUT_OF_RANGE", DealCode.INTERVAL_OUT_OF_RANGE),
          Map.entry("BAD_AMOUNT", ErrorCode.BAD_AMOUNT));

  /** The failure as an operator sees it; {@code what} was being done. */
  public static ServiceException of(Throwable cause, String what) {
    for (Throwable deep = cause; deep != null; deep = deep.getCause()) {
      if (deep instanceof BindException bind && !(cause instanceof ServiceException)) {
        return new ServiceException(
            ErrorCode.PORT_IN_USE,
            what + ": " + bind.getMessage() + "; choose another port",
            cause);
      }
    }
    return switch (cause) {
      case ServiceException known -> known;
      case UncheckedIOException wrapped when wrapped.getCause() != null ->
          of(wrapped.getCause(), what);
      // What was typed is named there, with what is wrong about it.
      case ProtocolException e when e.code().equals(ProtocolException.BAD_CID) ->
          new ServiceException(ErrorCode.BAD_CID, "" + e.getMessage(), e);
      case ProtocolException e when e.code().equals(EntityBytes.BAD_RANGE) ->
          new ServiceException(ErrorCode.BAD_RANGE, "" + e.getMessage(), e);
      case ProtocolException e ->
          fault(PROTOCOL.getOrDefault(e.code(), DealCode.VERIFICATION_FAILED), what, e);
      case PaymentException e -> fault(e.code(), what, e);
      case IOException e when StorageFullException.isFull(e) ->
          fault(DealCode.STORAGE_FULL, what, e);
      case MachinesStopped e when e.getCause() != null -> of(e.getCause(), what);
      case JournalDamaged e -> fault(ErrorCode.STORE_CORRUPT, what, e);
      case LedgerDamagedException e -> fault(ErrorCode.STORE_CORRUPT, what, e);
      case WrongLedgerException e -> fault(ErrorCode.STORE_CORRUPT, what, e);
      case BadKeyFileException e -> fault(ErrorCode.STORE_CORRUPT, what, e);
      case WrongPassphraseException e ->
          new ServiceException(
              ErrorCode.BAD_PASSPHRASE,
              "the passphrase does not open the key; nothing was done",
              e);
      case BlockMissingException e -> fault(DealCode.NOT_FOUND, what, e);
      case PathNotFoundException e -> fault(ErrorCode.NO_SUCH_PATH, what, e);
      case FileAlreadyExistsException e ->
          new ServiceException(
              ErrorCode.OUT_EXISTS,
              e.getFile()
                  + " "
                  + Objects.requireNonNullElse(e.getReason(), "exists; --force replaces a file"),
              e);
      case NoSuchFileException e ->
          new ServiceException(ErrorCode.NO_SUCH_FILE, e.getFile() + ": no such file", e);
      case AccessDeniedException e ->
          new ServiceException(ErrorCode.IO, e.getFile() + ": permission denied", e);
      case PeerMismatchException e -> fault(DealCode.WRONG_PEER, what, e);
      case PeerDeniedException e -> fault(ErrorCode.PEER_DENIED, what, e);
      case TimedOutException e -> fault(DealCode.TIMEOUT, what, e);
      case ConnectionLostException e -> fault(DealCode.CONNECTION_LOST, what, e);
      case Libp2pException e -> fault(DealCode.UNREACHABLE, what, e);
      case IOException e -> fault(ErrorCode.IO, what, e);
      case InterruptedException e -> fault(DealCode.INTERRUPTED, what, e);
      default ->
          new ServiceException(
              DealCode.INTERNAL,
              "%s: %s; run again with --log debug for the trace".formatted(what, cause),
              cause);
    };
  }

  private static ServiceException fault(FailureCode code, String what, Throwable cause) {
    String message = cause.getMessage();
    return new ServiceException(
        code, what + ": " + (message == null ? code.meaning() : message), cause);
  }
}
