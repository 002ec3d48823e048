package io.sluice.protocol.retrieval;

/** The names that retrieval messages go by on the wire. */
public final class RetrievalNames {
  /** Filecoin's retrieval query, map encoding. */
  public static final String QUERY_PROTOCOL = "/fil/retrieval/qry/1.0.0";

  /** Filecoin's query for the transports a provider speaks. */
  public static final String TRANSPORTS_PROTOCOL = "/fil/retrieval/transports/1.0.0";

  /** Our query for exact terms: one varint-prefixed request, one varint-prefixed answer. */
  public static final String ASK_PROTOCOL = "/sluice/ask/1.0.0";

  /** A payer's request to end a channel at once: one request, one answer, prefixed as for asks. */
  public static final String CLOSE_PROTOCOL = "/sluice/close/1.0.0";

  /** Voucher type that opens a retrieval. */
  public static final String PROPOSAL = "RetrievalDealProposal/1";

  /** Voucher result type of the classic flow. */
  public static final String RESPONSE = "RetrievalDealResponse/1";

  /** GraphSync request extension that binds a deal to its channel and lane. */
  public static final String OPEN_EXTENSION = "sluice/deal-open/1";

  /** Voucher type that carries the same opening for clients that cannot add an extension. */
  public static final String OPEN = "SluiceDealOpen/1";

  /** Voucher type that pays. */
  public static final String PAYMENT = "SluiceDealPayment/1";

  /** Voucher result type that goes only to peers that sent an opening. */
  public static final String RESULT = "SluiceDealResult/1";

  private RetrievalNames() {}
}
