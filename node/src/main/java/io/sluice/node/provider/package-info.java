/**
 * The selling side of a node. Start at {@link io.sluice.node.provider.ProviderService}, which says
 * how to put it together.
 *
 * <pre>
 *  ask, query, transports ──▶ Quotes                    what it costs
 *  pull request ──▶ Proposals ──▶ Judge                 is it good? else Refusals
 *                       └──▶ Admission ──▶ DealDesk     durable, with its lane
 *                                └──────▶ Serving       the gate beside the walk of one transfer
 *  vouchers ─────▶ Vouchers ───▶ DealDesk               one journal entry for voucher and credit
 *                                   │
 *                              DealCourse               looks at machine, money, transfer; goes on
 *                                   └──▶ Answers        demands and results, by stream
 * </pre>
 */
@NullMarked
package io.sluice.node.provider;

import org.jspecify.annotations.NullMarked;
