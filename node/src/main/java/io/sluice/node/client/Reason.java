package io.sluice.node.client;

import io.sluice.node.api.ErrorCode;

/**
 * Why a deal stands still or ends.
 *
 * @param code by name
 * @param message for a person
 */
record Reason(ErrorCode code, String message) {}
