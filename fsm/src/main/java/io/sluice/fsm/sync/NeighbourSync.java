package io.sluice.fsm.sync;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.sync.SyncInput.DonePage;
import io.sluice.fsm.sync.SyncInput.NewNumbering;
import io.sluice.fsm.sync.SyncInput.UpTo;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.FieldCodecs;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A sync with a neighbour, as the node that pulls remembers it.
 *
 * @param order what the operator asked for
 * @param followed whether the neighbour pulls from here, if it is to
 * @param epoch of the numbering that all numbers here are of; 0 before the first contact
 * @param ownEpoch of this node's own numbering: with another one, the blocks that came may be gone
 * @param cursor how far the neighbour is, as far as it is known
 * @param done numbers that were looked at, and whose content is here or is not to be had any more
 * @param open numbers that were looked at and are to be tried again, in rising order
 * @param unclaimed own number from which on what came may have no root here yet
 * @param blocks that came
 * @param bytes that these have
 * @param inSync when nothing was missing last; when it was added, if something always was
 */
public record NeighbourSync(
    Order order,
    boolean followed,
    long epoch,
    long ownEpoch,
    long cursor,
    Intervals done,
    List<OpenNumber> open,
    long unclaimed,
    long blocks,
    long bytes,
    Instant inSync) {
  private static final NodeCodec<Multiaddr> ADDRESS =
      TEXT.as(Multiaddr::parse, Multiaddr::toString);

  /**
   * What the operator asked for.
   *
   * @param name for people, unique among the syncs of a node
   * @param peer the neighbour
   * @param addresses where to look for it, without its id
   * @param lane what is pulled
   * @param both whether the neighbour is to pull from here as well
   * @param asked whether the neighbour asked for it, and may so take it back
   * @param limits what may be paid for it; empty for nothing
   * @param added when
   */
  public record Order(
      String name,
      PeerId peer,
      List<Multiaddr> addresses,
      Lane lane,
      boolean both,
      boolean asked,
      Optional<PurchaseLimits> limits,
      Instant added) {
    private static final MapCodec<Order> CODEC =
        MapCodec.of(
            f ->
                new Order(
                    f.get("Name", TEXT, Order::name),
                    f.get("Peer", TEXT.as(PeerId::parse, PeerId::toString), Order::peer),
                    f.get("Addresses", ADDRESS.list(), Order::addresses),
                    f.get("Lane", TEXT.as(Lane::parse, Lane::toString), Order::lane),
                    f.get("Both", BOOL, Order::both),
                    f.get("Asked", BOOL, Order::asked),
                    f.find("Limits", PurchaseLimits.CODEC, Order::limits),
                    f.get("Added", MILLIS, Order::added)));

    /** Copies what it is given. */
    public Order {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * What may be paid where the neighbour sells.
   *
   * @param token what is paid in; empty of a sync that was added when homes paid in one token only
   * @param pricePerMiB highest price
   * @param total most that the sync may cost in all
   */
  public record PurchaseLimits(
      Optional<EvmAddress> token, TokenAmount pricePerMiB, TokenAmount total) {
    private static final MapCodec<PurchaseLimits> CODEC =
        MapCodec.of(
            f ->
                new PurchaseLimits(
                    f.find("Token", FieldCodecs.ADDRESS, PurchaseLimits::token),
                    f.get("PricePerMiB", AMOUNT, PurchaseLimits::pricePerMiB),
                    f.get("Total", AMOUNT, PurchaseLimits::total)));
  }

  static final MapCodec<NeighbourSync> CODEC =
      MapCodec.of(
          f ->
              new NeighbourSync(
                  f.get("Order", Order.CODEC, NeighbourSync::order),
                  f.get("Followed", BOOL, NeighbourSync::followed),
                  f.get("Epoch", LONG, NeighbourSync::epoch),
                  f.get("OwnEpoch", LONG, NeighbourSync::ownEpoch),
                  f.get("Cursor", LONG, NeighbourSync::cursor),
                  f.get("Done", Intervals.CODEC, NeighbourSync::done),
                  f.get("Open", OpenNumber.CODEC.list(), NeighbourSync::open),
                  f.get("Unclaimed", LONG, NeighbourSync::unclaimed),
                  f.get("Blocks", LONG, NeighbourSync::blocks),
                  f.get("Bytes", LONG, NeighbourSync::bytes),
                  f.get("InSync", MILLIS, NeighbourSync::inSync)));

  /** Copies what it is given. */
  public NeighbourSync {
    open = List.copyOf(open);
  }

  /**
   * A sync that has not begun.
   *
   * @param unclaimed the own number that comes next
   */
  public static NeighbourSync of(Order order, long unclaimed) {
    return new NeighbourSync(
        order, false, 0, 0, 0, Intervals.NONE, List.of(), unclaimed, 0, 0, order.added());
  }

  /** How many numbers of the neighbour are not done, as far as it is known. */
  public long behind() {
    return Math.max(0, done.missing(cursor));
  }

  /** Numbers that were looked at, whatever came of it. */
  public Intervals seen() {
    return done.with(open.stream().map(OpenNumber::number).toList());
  }

  NeighbourSync pageDone(DonePage page) {
    Intervals after = done.with(page.from(), page.to());
    Intervals.Range looked = new Intervals.Range(page.from(), page.to());
    List<OpenNumber> left = new ArrayList<>(open);
    left.removeIf(each -> looked.contains(each.number()));
    for (OpenNumber each : page.open()) {
      after = after.without(each.number(), each.number());
      left.add(each);
    }
    left.sort(Comparator.comparing(OpenNumber::number, Long::compareUnsigned));
    return new NeighbourSync(
        order,
        followed,
        epoch,
        ownEpoch,
        Math.max(cursor, page.cursor()),
        after,
        left,
        page.unclaimed().orElse(unclaimed),
        blocks + page.blocks(),
        bytes + page.bytes(),
        page.inSync().orElse(inSync));
  }

  NeighbourSync numberedAnew(NewNumbering by) {
    return new NeighbourSync(
        order,
        followed,
        by.epoch(),
        by.ownEpoch(),
        by.cursor(),
        Intervals.NONE,
        List.of(),
        ownEpoch == 0 || ownEpoch == by.ownEpoch() ? unclaimed : 1,
        blocks,
        bytes,
        inSync);
  }

  NeighbourSync setBack(UpTo last) {
    return new NeighbourSync(
        order,
        followed,
        epoch,
        ownEpoch,
        cursor,
        done.without(1, last.number()),
        open,
        unclaimed,
        blocks,
        bytes,
        inSync);
  }

  NeighbourSync followedBy(SyncInput unused) {
    return new NeighbourSync(
        order, true, epoch, ownEpoch, cursor, done, open, unclaimed, blocks, bytes, inSync);
  }
}
