package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.Bytes32;
import java.math.BigInteger;
import java.time.Instant;

/**
 * A block's head.
 *
 * @param number how many came before
 * @param hash its name
 * @param time the chain's time there
 * @param baseFee what a unit of gas costs there at least; zero on chains without
 */
record Block(long number, Bytes32 hash, Instant time, BigInteger baseFee) {}
