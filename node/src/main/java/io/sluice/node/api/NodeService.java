package io.sluice.node.api;

import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Everything an operator can ask of a node, one method a command. It is implemented in process, for
 * commands that open the home themselves, and over the admin API, for commands beside a running
 * node; the user sees no difference.
 *
 * <p>Methods block until the work is done and may be called from any thread. They throw {@link
 * ServiceException} when it cannot be done, and then nothing has changed unless the text says so.
 * Method names are unique: the admin API is this interface, one path a method.
 */
public interface NodeService extends AutoCloseable {
  /** Who this node is. */
  Reports.IdentityReport id() throws ServiceException;

  /** What it is doing. */
  Reports.StatusReport status() throws ServiceException;

  /** Lets running work come to rest and ends the process. */
  void stop() throws ServiceException;

  /** Brings content in; the roots are offered as the price list says. */
  List<Reports.ImportReport> importContent(Requests.ImportRequest request) throws ServiceException;

  /** Writes content out. */
  Reports.ExportReport exportContent(Requests.ExportRequest request) throws ServiceException;

  /** Writes one file, or a CAR, to a stream; the request's own output is only a name. */
  Reports.ExportReport streamContent(Requests.ExportRequest request, WritableByteChannel out)
      throws ServiceException;

  /**
   * Lists a folder that is here to a stream: a line of JSON for each entry, an {@link
   * Reports.EntryReport}, in the order of the DAG and as they are read, however many there are.
   */
  Reports.ListingReport listFolder(Requests.ListRequest request, WritableByteChannel out)
      throws ServiceException;

  /** All imported roots. */
  List<Reports.ContentReport> contents() throws ServiceException;

  /** One root. */
  Reports.ContentReport stat(String cid) throws ServiceException;

  /** Forgets a root; its blocks stay until they are collected. */
  void removeContent(String cid) throws ServiceException;

  /** Hashes what is on disk again, all of it or beneath one root. */
  Reports.VerificationReport verify(Optional<String> cid) throws ServiceException;

  /** Gives back the room of blocks that no content, deal or retrieval needs. */
  Reports.GarbageReport collectGarbage() throws ServiceException;

  /** The price list. */
  List<Reports.AskReport> asks() throws ServiceException;

  /** Sets the price of one root, or the default. */
  Reports.AskReport setAsk(Requests.PriceRequest request) throws ServiceException;

  /**
   * Takes a price off the list; running deals keep theirs.
   *
   * @param cid empty for the default
   * @param token the address of the token that the price is in; empty for those in all
   */
  void removeAsk(Optional<String> cid, Optional<String> token) throws ServiceException;

  /** What is not served, and who is not. */
  List<Reports.DenyReport> denied() throws ServiceException;

  /** Serves a block, or a peer, nothing any more; running deals of the peer end. */
  Reports.DenyReport deny(String cidOrPeer) throws ServiceException;

  /** Takes a CID or a peer off the deny list. */
  void allow(String cidOrPeer) throws ServiceException;

  /** What some content would cost at a provider. */
  Reports.QuoteReport query(Requests.QueryRequest request) throws ServiceException;

  /**
   * Buys content and writes it out; goes on with a parked deal for the same. {@code progress} is
   * called from another thread, a few times a second.
   */
  Reports.RetrievalReport retrieve(
      Requests.RetrieveRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException;

  /**
   * Buys one file, or a CAR, and writes it to a stream as it comes in and is verified; the
   * request's own output is only a name.
   */
  Reports.RetrievalReport retrieveStream(
      Requests.RetrieveRequest request,
      Consumer<Reports.ProgressReport> progress,
      WritableByteChannel out)
      throws ServiceException;

  /** Pays for what the retrieval of that token has, and parks it. */
  void interrupt(String token) throws ServiceException;

  /** All deals of both roles, without their transitions. */
  List<Reports.DealReport> deals() throws ServiceException;

  /** One deal with its transfer channel and its transitions. */
  Reports.DealReport deal(String id) throws ServiceException;

  /** All data-transfer channels of both roles, without their transitions. */
  List<Reports.TransferReport> transfers() throws ServiceException;

  /** One data-transfer channel with its transitions, named by itself or by its deal. */
  Reports.TransferReport transfer(String id) throws ServiceException;

  /**
   * Pushes content to a peer; goes on with a push of the same that is under way. {@code progress}
   * is called from another thread, a few times a second.
   */
  Reports.PushReport push(Requests.PushRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException;

  /**
   * Pushes content by dsync to a URL or a peer; what is there already is not sent. {@code progress}
   * is called from another thread, a few times a second.
   */
  Reports.SyncReport pushDag(
      Requests.SyncRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException;

  /**
   * Pulls content by dsync from a URL or a peer, and lists it; what is here already is not asked
   * for. {@code progress} is called from another thread, a few times a second.
   */
  Reports.SyncReport pullDag(
      Requests.SyncRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException;

  /** Asks a node by dsync, at a URL or a peer, to keep content no longer. */
  Reports.UnpinReport unpinDag(Requests.SyncRequest request) throws ServiceException;

  /** Stops the data of a push, at this end. */
  Reports.TransferReport pauseTransfer(String id) throws ServiceException;

  /** Lets the data of a push flow again, as far as this end is concerned. */
  Reports.TransferReport resumeTransfer(String id) throws ServiceException;

  /** Begins a push again that stands still. */
  Reports.TransferReport restartTransfer(String id) throws ServiceException;

  /** Gives a further voucher for a transfer that this home opened; sent when it returns. */
  Reports.TransferReport giveVoucher(Requests.VoucherRequest request) throws ServiceException;

  /** Gives a push up and tells the other end. */
  Reports.TransferReport cancelTransfer(String id) throws ServiceException;

  /** Who may push to this node. */
  List<Reports.ReceiveReport> receiving() throws ServiceException;

  /** Lets a peer push to this node. */
  Reports.ReceiveReport allowReceiving(Requests.ReceiveRequest request) throws ServiceException;

  /** Lets a peer push no more; what it began goes on. */
  void refuseReceiving(String peer) throws ServiceException;

  /** Who may push whole DAGs to this node, read from it without paying, and remove. */
  List<Reports.GrantReport> grants() throws ServiceException;

  /** Grants something to a peer or to whoever brings a new token; replaces what a peer had. */
  Reports.GrantReport grant(Requests.GrantRequest request) throws ServiceException;

  /** Takes back all that was granted to a peer or a token. */
  void revoke(String holder) throws ServiceException;

  /** The neighbours that this node pulls from, and how far behind each it is. */
  List<Reports.NeighbourReport> neighbours() throws ServiceException;

  /** One of them, by its name. */
  Reports.NeighbourReport neighbour(String name) throws ServiceException;

  /**
   * Pulls from a neighbour from here on, for as long as the node runs.
   *
   * @throws ServiceException {@code SYNC_EXISTS}; {@code REFUSED} if the neighbour is to pull from
   *     here as well and does not
   */
  Reports.NeighbourReport addNeighbour(Requests.NeighbourRequest request) throws ServiceException;

  /** Pulls nothing from a neighbour until it is resumed. */
  Reports.NeighbourReport pauseNeighbour(String name) throws ServiceException;

  /** Goes on; tries at once again what waits to be tried again. */
  Reports.NeighbourReport resumeNeighbour(String name) throws ServiceException;

  /**
   * Pulls from a neighbour no more; what it brought stays. Where it was to pull from here as well,
   * it is asked to stop, and may not read here any more, unless that was granted otherwise.
   */
  Reports.SyncRemovalReport removeNeighbour(String name) throws ServiceException;

  /** Ends a deal at this end and tells the other. */
  Reports.DealReport cancelDeal(String id) throws ServiceException;

  /** Client: pays what a deal still owes that was put aside or has ended. */
  Reports.DealReport payDeal(String id) throws ServiceException;

  /** Writes a deal's record to a file. */
  Reports.DealExportReport exportDeal(String id, String out) throws ServiceException;

  /** Earned, spent and owed, with a check of this home's own sums. */
  Reports.BooksReport books() throws ServiceException;

  /**
   * The books deal by deal, oldest first; they add up to what {@link #books} has as earned and
   * spent. Asks the ledger for what was redeemed.
   *
   * @param since only for deals that ended on that day, such as 2026-11-01, or later is looked for
   *     the transaction; empty for all
   */
  List<Reports.BookEntryReport> bookEntries(Optional<String> since) throws ServiceException;

  /** Makes a key. */
  Reports.KeyReport newKey() throws ServiceException;

  /** All keys with what the ledger holds for them. */
  List<Reports.KeyReport> keys() throws ServiceException;

  /** Takes in a keystore file, which that passphrase opens. */
  Reports.KeyReport importKey(String path, String passphrase) throws ServiceException;

  /** Writes a key's keystore file, which the home's passphrase opens. */
  void exportKey(String address, String path) throws ServiceException;

  /** Makes a key the one that pays and is paid. */
  Reports.KeyReport defaultKey(String address) throws ServiceException;

  /**
   * Adds money out of nothing; the embedded ledger only.
   *
   * @param token the address of a token; empty for the first of the configuration
   */
  Reports.LedgerActionReport faucet(String address, TokenAmount amount, Optional<String> token)
      throws ServiceException;

  /** The tokens that amounts are written and shown in, and those that are paid in. */
  Reports.TokensReport tokens() throws ServiceException;

  /** Which ledger this is. */
  Reports.LedgerReport ledger() throws ServiceException;

  /** Moves the embedded ledger's clock on. */
  Reports.LedgerReport advanceLedger(long seconds) throws ServiceException;

  /** All channels of both roles, without their lanes. */
  List<Reports.ChannelReport> channels() throws ServiceException;

  /** One channel with its lanes. */
  Reports.ChannelReport channel(String id) throws ServiceException;

  /**
   * Payer: opens a channel to the payee of a provider.
   *
   * @param token the address of the token that it pays in; empty for the first of the configuration
   *     that the provider takes
   */
  Reports.ChannelReport openChannel(String provider, TokenAmount deposit, Optional<String> token)
      throws ServiceException;

  /** Payer: adds to a channel's deposit. */
  Reports.ChannelReport topUpChannel(String id, TokenAmount amount) throws ServiceException;

  /** Payee: turns the best vouchers into credit; all channels when none is named. */
  List<Reports.LedgerActionReport> redeem(Optional<String> id) throws ServiceException;

  /** Payee: redeems and ends a channel at once. */
  Reports.LedgerActionReport closeChannel(String id) throws ServiceException;

  /** Payer: starts the challenge period after which the rest can be collected. */
  Reports.ChannelReport settle(String id) throws ServiceException;

  /**
   * Puts the payment channel contract on the chain that the configuration names, paid for by the
   * default account.
   *
   * @param minChallenge shortest challenge period that its channels may have, in seconds
   * @param maxChallenge longest
   */
  Reports.ContractReport deployContract(long minChallenge, long maxChallenge)
      throws ServiceException;

  /** Ends a settled channel once its challenge period is over. */
  Reports.LedgerActionReport collect(String id) throws ServiceException;

  /**
   * Moves credit out of the channel contract to the account.
   *
   * @param amount of one token; empty for all there is
   * @param token its address; empty for the first of the configuration, and where there is no
   *     amount for all tokens
   */
  List<Reports.LedgerActionReport> withdraw(Optional<TokenAmount> amount, Optional<String> token)
      throws ServiceException;

  /** What this home will do on its ledger by itself, soonest first. */
  List<Reports.PlanReport> autopilot() throws ServiceException;

  /** Peers whose addresses are kept, and those that are connected. */
  List<Reports.PeerReport> peers() throws ServiceException;

  /** Keeps an address of a peer, so that the peer id alone is enough from now on. */
  Reports.PeerReport addPeer(String address) throws ServiceException;

  /** Takes back an address of a peer, or all that were kept. */
  void removePeer(String peerOrAddress) throws ServiceException;

  /** Reaches a peer. */
  Reports.PingReport ping(String peerOrAddress) throws ServiceException;

  /** Measures how fast bytes get to a peer and back, so many each way. */
  Reports.PerfReport measure(String peerOrAddress, long upload, long download)
      throws ServiceException;

  @Override
  void close();
}
