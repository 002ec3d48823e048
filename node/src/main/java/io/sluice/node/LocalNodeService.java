package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.transfer.TransferManager;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers commands from an opened home: inside the running node, and in commands that found the
 * home free. Safe for use from many threads.
 *
 * <p>It is as long as its interface: each method names who does the work and what is said when that
 * fails, and decides nothing else. So it is one table, by the subjects of the interface, and stays
 * in one place for those who look up where a command ends.
 */
public final class LocalNodeService implements NodeService {
  private final SluiceNode node;
  private final Runnable stopping;
  private final boolean running;
  private final Instant since;
  private final ContentOperations contents;
  private final Quotes quotes;
  private final Retrievals buying;
  private final PriceOperations prices;
  private final DealReports deals;
  private final TransferReports transfers;
  private final Pushes pushing;
  private final DagSync syncing;
  private final WalletOperations wallet;
  private final ChannelOperations channels;
  private final PeerOperations peers;
  private @Nullable CommandDoor door;

  private LocalNodeService(SluiceNode node, boolean running, Runnable stopping) {
    this.node = node;
    this.running = running;
    this.stopping = stopping;
    this.since = node.clock().instant();
    this.contents = new ContentOperations(node);
    this.quotes = new Quotes(node);
    this.buying = new Retrievals(node);
    this.prices = new PriceOperations(node);
    this.deals = new DealReports(node);
    this.transfers = new TransferReports(node);
    this.pushing = new Pushes(node, transfers);
    this.syncing = new DagSync(node);
    this.wallet = new WalletOperations(node);
    this.channels = new ChannelOperations(node);
    this.peers = new PeerOperations(node);
  }

  /**
   * The service of a command that opened the home itself; closing it closes the node. Other
   * commands on this home reach it, too, unless it is closed soon.
   */
  public static LocalNodeService of(SluiceNode node) {
    LocalNodeService service = new LocalNodeService(node, false, () -> {});
    service.door = CommandDoor.before(node, service);
    return service;
  }

  /** The service of the running node; {@code stopping} begins its end. */
  static LocalNodeService running(SluiceNode node, Runnable stopping) {
    return new LocalNodeService(node, true, stopping);
  }

  @Override
  public void close() {
    if (door != null) {
      door.close();
      node.close();
    }
  }

  private interface ServiceCall<T> {
    T run() throws Exception;
  }

  /** Whatever fails beneath comes out with one code and one line. */
  private static <T> T done(String what, ServiceCall<T> work) throws ServiceException {
    try {
      return work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Faults.of(e, what);
    } catch (Exception e) { // translated, with its cause
      throw Faults.of(e, what);
    }
  }

  // ---- the node

  @Override
  public Reports.IdentityReport id() throws ServiceException {
    return new Reports.IdentityReport(
        node.home().directory().toString(),
        node.home().peerId().toString(),
        node.keys().account().toString(),
        node.joined().map(network -> addresses(network.host())).orElse(List.of()));
  }

  /** Where peers can dial a host, with its name. */
  static List<String> addresses(Host host) {
    return host.addresses().stream()
        .map(address -> address.withPeer(host.id()).toString())
        .toList();
  }

  @Override
  public Reports.StatusReport status() throws ServiceException {
    return done(
        "the status cannot be read",
        () -> {
          List<Reports.SumsReport> sums = channels.sums(deals.owed());
          return new Reports.StatusReport(
              running,
              node.home().peerId().toString(),
              running ? Duration.between(since, node.clock().instant()).toSeconds() : 0,
              node.joined().map(network -> network.host().connectionCount()).orElse(0),
              (int) deals.running(),
              deals.bytesServed(),
              sums.getFirst().earned(),
              sums.getFirst().spent(),
              sums);
        });
  }

  @Override
  public void stop() throws ServiceException {
    if (!running) {
      throw new ServiceException(
          ErrorCode.NOT_RUNNING, "no node runs on %s".formatted(node.home().directory()));
    }
    stopping.run();
  }

  // ---- content

  @Override
  public List<Reports.ImportReport> importContent(Requests.ImportRequest request)
      throws ServiceException {
    return done("the import failed", () -> contents.bringIn(request));
  }

  @Override
  public Reports.ExportReport exportContent(Requests.ExportRequest request)
      throws ServiceException {
    return done("the export failed", () -> contents.writeOut(request));
  }

  @Override
  public Reports.ExportReport streamContent(Requests.ExportRequest request, WritableByteChannel out)
      throws ServiceException {
    return done("the export failed", () -> contents.stream(request, out));
  }

  @Override
  public Reports.ListingReport listFolder(Requests.ListRequest request, WritableByteChannel out)
      throws ServiceException {
    return done("the folder cannot be listed", () -> contents.list(request, out));
  }

  @Override
  public List<Reports.ContentReport> contents() throws ServiceException {
    return done("the contents cannot be listed", contents::all);
  }

  @Override
  public Reports.ContentReport stat(String cid) throws ServiceException {
    return done("stat failed", () -> contents.one(cid));
  }

  @Override
  public void removeContent(String cid) throws ServiceException {
    act("rm failed", () -> contents.forget(cid));
  }

  @Override
  public Reports.VerificationReport verify(Optional<String> cid) throws ServiceException {
    return done("verify failed", () -> contents.verify(cid));
  }

  @Override
  public Reports.GarbageReport collectGarbage() throws ServiceException {
    return done("no room was given back", () -> contents.collect(this::underWay));
  }

  private Set<Cid> underWay() {
    Set<Cid> roots = new HashSet<>(buying.underWay());
    roots.addAll(syncing.underWay());
    return roots;
  }

  private interface ServiceAction {
    void run() throws IOException, ServiceException, InterruptedException;
  }

  private static void act(String what, ServiceAction act) throws ServiceException {
    done(
        what,
        () -> {
          act.run();
          return true;
        });
  }

  // ---- prices

  @Override
  public List<Reports.AskReport> asks() throws ServiceException {
    return done("the price list cannot be read", prices::all);
  }

  @Override
  public Reports.AskReport setAsk(Requests.PriceRequest request) throws ServiceException {
    return done("the price was not set", () -> prices.set(request));
  }

  @Override
  public void removeAsk(Optional<String> cid, Optional<String> token) throws ServiceException {
    act("the price was not removed", () -> prices.remove(cid, token));
  }

  @Override
  public List<Reports.DenyReport> denied() throws ServiceException {
    return done("the deny list cannot be read", () -> node.denied().all());
  }

  @Override
  public Reports.DenyReport deny(String cidOrPeer) throws ServiceException {
    return done("nothing was denied", () -> contents.deny(cidOrPeer));
  }

  @Override
  public void allow(String cidOrPeer) throws ServiceException {
    act("nothing was allowed", () -> node.denied().remove(cidOrPeer));
  }

  // ---- buying

  @Override
  public Reports.QuoteReport query(Requests.QueryRequest request) throws ServiceException {
    return done("the query failed", () -> quotes.query(request));
  }

  @Override
  public Reports.RetrievalReport retrieve(
      Requests.RetrieveRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException {
    return done("the retrieval failed", () -> buying.retrieve(request, progress));
  }

  @Override
  public Reports.RetrievalReport retrieveStream(
      Requests.RetrieveRequest request,
      Consumer<Reports.ProgressReport> progress,
      WritableByteChannel out)
      throws ServiceException {
    return done("the retrieval failed", () -> buying.stream(request, progress, out));
  }

  @Override
  public void interrupt(String token) throws ServiceException {
    act("the retrieval was not interrupted", () -> buying.interrupt(token));
  }

  // ---- deals

  @Override
  public List<Reports.DealReport> deals() throws ServiceException {
    return done("the deals cannot be listed", deals::all);
  }

  @Override
  public Reports.DealReport deal(String id) throws ServiceException {
    return done("the deal cannot be shown", () -> deals.one(id));
  }

  @Override
  public List<Reports.TransferReport> transfers() throws ServiceException {
    return done("the transfers cannot be listed", transfers::all);
  }

  @Override
  public Reports.TransferReport transfer(String id) throws ServiceException {
    return done("the transfer cannot be shown", () -> transfers.one(id));
  }

  @Override
  public Reports.PushReport push(
      Requests.PushRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException {
    return done("the push failed", () -> pushing.push(request, progress));
  }

  @Override
  public Reports.SyncReport pushDag(
      Requests.SyncRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException {
    return done("the push failed", () -> syncing.push(request, progress));
  }

  @Override
  public Reports.SyncReport pullDag(
      Requests.SyncRequest request, Consumer<Reports.ProgressReport> progress)
      throws ServiceException {
    return done("the pull failed", () -> syncing.pull(request, progress));
  }

  @Override
  public Reports.UnpinReport unpinDag(Requests.SyncRequest request) throws ServiceException {
    return done("nothing was unpinned", () -> syncing.unpin(request));
  }

  @Override
  public Reports.TransferReport pauseTransfer(String id) throws ServiceException {
    return done("the transfer was not paused", () -> pushing.act(id, TransferManager::pause));
  }

  @Override
  public Reports.TransferReport resumeTransfer(String id) throws ServiceException {
    return done("the transfer was not resumed", () -> pushing.act(id, TransferManager::resume));
  }

  @Override
  public Reports.TransferReport restartTransfer(String id) throws ServiceException {
    if (!running) { // it would end with this command
      throw new ServiceException(
          ErrorCode.NOT_RUNNING,
          "no node runs on %s; 'sluice push' goes on with a push"
              .formatted(node.home().directory()));
    }
    return done("the transfer was not restarted", () -> pushing.act(id, TransferManager::restart));
  }

  @Override
  public Reports.TransferReport giveVoucher(Requests.VoucherRequest request)
      throws ServiceException {
    return done("the voucher was not sent", () -> pushing.giveVoucher(request));
  }

  @Override
  public Reports.TransferReport cancelTransfer(String id) throws ServiceException {
    return done("the transfer was not cancelled", () -> pushing.cancel(id));
  }

  @Override
  public List<Reports.ReceiveReport> receiving() throws ServiceException {
    return done("who may push cannot be listed", () -> new PushedContent(node).rules());
  }

  @Override
  public Reports.ReceiveReport allowReceiving(Requests.ReceiveRequest request)
      throws ServiceException {
    return done("nobody was allowed", () -> new PushedContent(node).allow(request));
  }

  @Override
  public void refuseReceiving(String peer) throws ServiceException {
    act("nobody was refused", () -> new PushedContent(node).refuse(peer));
  }

  @Override
  public List<Reports.GrantReport> grants() throws ServiceException {
    return done("grants cannot be listed", () -> new Grants(node).all());
  }

  @Override
  public Reports.GrantReport grant(Requests.GrantRequest request) throws ServiceException {
    return done("nothing was granted", () -> new Grants(node).add(request));
  }

  @Override
  public void revoke(String holder) throws ServiceException {
    act("nothing was taken back", () -> new Grants(node).remove(holder));
  }

  @Override
  public List<Reports.NeighbourReport> neighbours() throws ServiceException {
    return done("the syncs cannot be listed", () -> new SyncOperations(node).all());
  }

  @Override
  public Reports.NeighbourReport neighbour(String name) throws ServiceException {
    return done("the sync cannot be shown", () -> new SyncOperations(node).one(name));
  }

  @Override
  public Reports.NeighbourReport addNeighbour(Requests.NeighbourRequest request)
      throws ServiceException {
    return done("the sync was not added", () -> new SyncOperations(node).add(request));
  }

  @Override
  public Reports.NeighbourReport pauseNeighbour(String name) throws ServiceException {
    return done("the sync was not paused", () -> new SyncOperations(node).pause(name));
  }

  @Override
  public Reports.NeighbourReport resumeNeighbour(String name) throws ServiceException {
    return done("the sync was not resumed", () -> new SyncOperations(node).resume(name));
  }

  @Override
  public Reports.SyncRemovalReport removeNeighbour(String name) throws ServiceException {
    return done("the sync was not removed", () -> new SyncOperations(node).remove(name));
  }

  @Override
  public Reports.DealReport cancelDeal(String id) throws ServiceException {
    return done("the deal was not cancelled", () -> buying.cancel(deals.machine(id)));
  }

  @Override
  public Reports.DealReport payDeal(String id) throws ServiceException {
    return done("the deal was not paid", () -> buying.pay(deals.machine(id)));
  }

  @Override
  public Reports.DealExportReport exportDeal(String id, String out) throws ServiceException {
    return done("the deal was not exported", () -> deals.export(id, out));
  }

  @Override
  public List<Reports.BookEntryReport> bookEntries(Optional<String> since) throws ServiceException {
    return done(
        "the books cannot be read",
        () -> {
          BookEntries entries = new BookEntries(node.payments().books(), node.config().tokens());
          List<Reports.DealReport> all = deals.all();
          entries.readRedemptions(
              node.money().ledger(),
              all.stream()
                  .filter(
                      deal ->
                          since.isEmpty()
                              || deal.ended().orElse(deal.started()).compareTo(since.get()) >= 0)
                  .toList());
          return entries.of(all);
        });
  }

  @Override
  public Reports.BooksReport books() throws ServiceException {
    return done("the books cannot be read", () -> channels.books(deals.owed()));
  }

  // ---- keys and the ledger

  @Override
  public Reports.KeyReport newKey() throws ServiceException {
    return done("no key was made", wallet::make);
  }

  @Override
  public List<Reports.KeyReport> keys() throws ServiceException {
    return done("the keys cannot be listed", wallet::all);
  }

  @Override
  public Reports.KeyReport importKey(String path, String passphrase) throws ServiceException {
    return done("the key was not taken in", () -> wallet.bringIn(path, passphrase));
  }

  @Override
  public void exportKey(String address, String path) throws ServiceException {
    act("the key was not written", () -> wallet.writeOut(address, path));
  }

  @Override
  public Reports.KeyReport defaultKey(String address) throws ServiceException {
    return done("the default key was not changed", () -> wallet.use(address));
  }

  @Override
  public Reports.LedgerActionReport faucet(
      String address, TokenAmount amount, Optional<String> token) throws ServiceException {
    return done("the faucet failed", () -> wallet.faucet(address, amount, token));
  }

  @Override
  public Reports.TokensReport tokens() {
    Tokens tokens = node.money().known();
    return new Reports.TokensReport(
        tokens.all().stream()
            .map(
                token ->
                    new Reports.TokenReport(
                        token.symbol(), token.address().toString(), token.decimals()))
            .toList(),
        tokens.accepted().stream().map(EvmAddress::toString).toList());
  }

  @Override
  public Reports.LedgerReport ledger() throws ServiceException {
    return done("the ledger cannot be read", wallet::ledger);
  }

  @Override
  public Reports.LedgerReport advanceLedger(long seconds) throws ServiceException {
    return done("the ledger's clock was not moved", () -> wallet.advance(seconds));
  }

  // ---- channels

  @Override
  public List<Reports.ChannelReport> channels() throws ServiceException {
    return done("the channels cannot be listed", () -> channels.all(false));
  }

  @Override
  public Reports.ChannelReport channel(String id) throws ServiceException {
    return done("the channel cannot be shown", () -> channels.one(id));
  }

  @Override
  public Reports.ChannelReport openChannel(
      String provider, TokenAmount deposit, Optional<String> token) throws ServiceException {
    return done(
        "the channel was not opened",
        () -> channels.open(quotes.payeeOf(provider, token), deposit));
  }

  @Override
  public Reports.ChannelReport topUpChannel(String id, TokenAmount amount) throws ServiceException {
    return done("the channel was not topped up", () -> channels.topUp(id, amount));
  }

  @Override
  public List<Reports.LedgerActionReport> redeem(Optional<String> id) throws ServiceException {
    return done("nothing was redeemed", () -> channels.redeem(id));
  }

  @Override
  public Reports.LedgerActionReport closeChannel(String id) throws ServiceException {
    return done("the channel was not closed", () -> channels.close(id));
  }

  @Override
  public Reports.ContractReport deployContract(long minChallenge, long maxChallenge)
      throws ServiceException {
    return done("the contract was not deployed", () -> channels.deploy(minChallenge, maxChallenge));
  }

  @Override
  public Reports.ChannelReport settle(String id) throws ServiceException {
    return done("the channel was not settled", () -> channels.settle(id));
  }

  @Override
  public Reports.LedgerActionReport collect(String id) throws ServiceException {
    return done("the channel was not collected", () -> channels.collect(id));
  }

  @Override
  public List<Reports.PlanReport> autopilot() throws ServiceException {
    return done("what is planned cannot be said", channels::plans);
  }

  @Override
  public List<Reports.LedgerActionReport> withdraw(
      Optional<TokenAmount> amount, Optional<String> token) throws ServiceException {
    return done("nothing was withdrawn", () -> channels.withdraw(amount, token));
  }

  // ---- peers

  @Override
  public List<Reports.PeerReport> peers() throws ServiceException {
    return done("the peers cannot be listed", peers::all);
  }

  @Override
  public Reports.PeerReport addPeer(String address) throws ServiceException {
    return done("the peer was not added", () -> peers.add(address));
  }

  @Override
  public void removePeer(String peerOrAddress) throws ServiceException {
    act("the peer was not removed", () -> peers.remove(peerOrAddress));
  }

  @Override
  public Reports.PingReport ping(String peerOrAddress) throws ServiceException {
    return done("cannot reach " + peerOrAddress, () -> peers.ping(peerOrAddress));
  }

  @Override
  public Reports.PerfReport measure(String peerOrAddress, long upload, long download)
      throws ServiceException {
    return done(
        "cannot measure with " + peerOrAddress,
        () -> peers.measure(peerOrAddress, upload, download));
  }
}
