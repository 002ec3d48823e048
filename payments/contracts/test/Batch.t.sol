// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

contract BatchTest is ChannelTest {
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;

    function add(bytes32 id, uint64 lane, uint64 nonce, uint128 amount) private {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, lane, nonce, amount);
        vouchers.push(v);
        signatures.push(signature);
    }

    function test_whatBringsNothingIsSkipped() external {
        bytes32 id = open(100, bytes32(uint256(1)));
        bytes32 other = open(100, bytes32(uint256(2)));
        bytes32 closed = open(100, bytes32(uint256(3)));
        bytes32 over = open(100, bytes32(uint256(4)));
        closeByPayee(closed);
        vm.warp(settle(over));
        add(id, 1, 1, 10);
        add(id, 1, 1, 10); // twice
        add(id, 1, 1, 4); // stale
        add(closed, 1, 1, 50);
        add(over, 1, 1, 50);
        add(bytes32(uint256(9)), 1, 1, 50); // no such channel
        add(other, 1, 1, 30);
        add(id, 1, 2, 15);
        add(other, 2, 1, 90); // more than there is

        same(115, channels.redeemMany(vouchers, signatures), "paid");
        check(id, 15, 100, 115);
        check(other, 100, 100, 115);
        check(closed, 0, 100, 115);
        check(over, 0, 100, 115);
        same(0, channels.redeemMany(vouchers, signatures), "paid again");
    }

    function test_oneForgedItemUndoesTheWhole() external {
        bytes32 id = open(100);
        add(id, 1, 1, 10);
        add(id, 2, 1, 10);
        signatures[1] = signatures[0];
        refused(PaymentChannels.BadSignature.selector);
        channels.redeemMany(vouchers, signatures);
        check(id, 0, 0, 0);
    }

    function test_asManySignaturesAsVouchers() external {
        bytes32 id = open(100);
        add(id, 1, 1, 10);
        signatures.push("");
        refused(PaymentChannels.LengthMismatch.selector);
        channels.redeemMany(vouchers, signatures);
        vm.prank(payee);
        refused(PaymentChannels.LengthMismatch.selector);
        channels.redeemAndClose(vouchers, signatures, id);
    }

    function test_upTo64() external {
        bytes32 id = open(100);
        for (uint64 lane = 0; lane < 64; ++lane) add(id, lane, 1, 1);
        same(64, channels.redeemMany(vouchers, signatures), "paid");
        add(id, 64, 1, 1);
        refused(PaymentChannels.BatchTooLarge.selector);
        channels.redeemMany(vouchers, signatures);
        vm.prank(payee);
        refused(PaymentChannels.BatchTooLarge.selector);
        channels.redeemAndClose(vouchers, signatures, id);
    }

    function test_noneIsFine() external {
        same(0, channels.redeemMany(vouchers, signatures), "paid");
    }

    /// One channel in a token that somebody prints must not spoil a batch.
    function test_aSumAbove2To128SpoilsNothing() external {
        bytes32 id = open(MAX_AMOUNT, bytes32(uint256(1)));
        bytes32 other = open(MAX_AMOUNT, bytes32(uint256(2)));
        add(id, 0, 1, MAX_AMOUNT);
        add(other, 0, 1, 5);
        same(MAX_AMOUNT, channels.redeemMany(vouchers, signatures), "paid");
        check(other, 5, 0, uint256(MAX_AMOUNT) + 5);
    }
}
