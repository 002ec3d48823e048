package io.sluice.protocol.graphsync;

/**
 * What an endpoint is doing.
 *
 * @param requests of ours that have not ended
 * @param responses of ours that have not ended, paused ones included
 * @param waitingWalks responses that wait for their turn
 * @param queuedBytes bytes of blocks that wait to be written
 */
public record GraphsyncStats(int requests, int responses, int waitingWalks, long queuedBytes) {}
