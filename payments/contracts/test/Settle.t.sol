// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

contract SettleTest is ChannelTest {
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;

    function test_onlyThePayerAndOnlyOnce() external {
        bytes32 id = open(10);
        vm.prank(payee);
        refused(PaymentChannels.NotPayer.selector);
        channels.settle(id);
        vm.prank(stranger);
        refused(PaymentChannels.NotPayer.selector);
        channels.settle(id);

        same(block.timestamp + CHALLENGE, settle(id), "settleAt");
        vm.warp(block.timestamp + 1);
        vm.prank(payer);
        refused(PaymentChannels.ChannelSettling.selector);
        channels.settle(id);

        vm.prank(payer);
        refused(PaymentChannels.ChannelNotOpen.selector);
        channels.settle(bytes32(uint256(7)));
    }

    function test_aSignerIsNotThePayer() external {
        vm.prank(payer);
        bytes32 id = channels.open{value: 9}(payee, stranger, NATIVE, CHALLENGE, 0, 9);
        vm.prank(stranger);
        refused(PaymentChannels.NotPayer.selector);
        channels.settle(id);
    }

    function test_redeemUntilTheLastSecond() external {
        bytes32 id = open(10);
        uint64 settleAt = settle(id);
        vm.warp(settleAt - 1);
        same(3, redeem(id, 0, 1, 3), "the second before");
        vm.warp(settleAt);
        same(0, redeem(id, 0, 2, 4), "the second itself");
        vm.warp(settleAt + 1);
        same(0, redeem(id, 0, 2, 4), "the second after");
        check(id, 3, 0, 3);
    }

    function test_collectFromThatSecondOn() external {
        for (uint64 late = 0; late < 2; ++late) {
            bytes32 id = open(10, bytes32(uint256(late)));
            refused(PaymentChannels.NotSettled.selector);
            channels.collect(id);
            uint64 settleAt = settle(id);
            vm.warp(settleAt - 1);
            refused(PaymentChannels.NotSettled.selector);
            channels.collect(id);
            vm.warp(settleAt + late);
            vm.prank(stranger);
            channels.collect(id);
            check(id, 0, 10 * (late + 1), 0);
            refused(PaymentChannels.ChannelNotOpen.selector);
            channels.collect(id);
        }
    }

    function test_redeemAndCloseUntilTheLastSecond() external {
        for (uint64 late = 0; late < 3; ++late) {
            bytes32 id = open(10, bytes32(uint256(late)));
            uint64 settleAt = settle(id);
            delete vouchers;
            delete signatures;
            (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 0, 1, 4);
            vouchers.push(v);
            signatures.push(signature);
            vm.warp(settleAt - 1 + late);
            vm.prank(payee);
            if (late > 0) refused(PaymentChannels.TooLate.selector);
            channels.redeemAndClose(vouchers, signatures, id);
        }
    }

    function test_thePayeeMayStillGiveUpTheRest() external {
        bytes32 id = open(10);
        vm.warp(settle(id) + 1);
        closeByPayee(id);
        check(id, 0, 10, 0);
    }

    function test_nothingMovesItsEnd() external {
        bytes32 id = open(10);
        uint64 settleAt = settle(id);
        vm.warp(block.timestamp + 100);
        redeem(id, 0, 1, 4);
        redeem(id, 0, 1, 4);
        same(settleAt, channels.channel(id).settleAt, "settleAt");
    }
}
