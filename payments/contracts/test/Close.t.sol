// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

contract CloseTest is ChannelTest {
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;

    function add(bytes32 id, uint64 lane, uint128 amount) private {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, lane, 1, amount);
        vouchers.push(v);
        signatures.push(signature);
    }

    function closeCooperative(bytes32 id, uint128 total, uint64 deadline, bytes memory signature, bytes4 cause) private {
        vm.prank(payer);
        if (cause != 0) refused(cause);
        channels.closeCooperative(id, total, deadline, signature);
    }

    function test_byThePayeeAlone() external {
        bytes32 id = open(10);
        redeem(id, 0, 1, 4);
        vm.prank(payer);
        refused(PaymentChannels.NotPayee.selector);
        channels.closeByPayee(id);
        vm.prank(stranger);
        refused(PaymentChannels.NotPayee.selector);
        channels.redeemAndClose(vouchers, signatures, id);

        closeByPayee(id);
        check(id, 4, 6, 4);
        same(2, channels.channel(id).status, "status");
    }

    function test_redeemedInTheSameCall() external {
        bytes32 id = open(10);
        add(id, 0, 4);
        add(id, 1, 3);
        vm.prank(payee);
        same(7, channels.redeemAndClose(vouchers, signatures, id), "paid");
        check(id, 7, 3, 7);
    }

    function test_vouchersOfAnotherChannel() external {
        bytes32 id = open(10);
        add(id, 0, 4);
        add(open(10, bytes32(uint256(2))), 0, 4);
        vm.prank(payee);
        refused(PaymentChannels.WrongChannel.selector);
        channels.redeemAndClose(vouchers, signatures, id);
        check(id, 0, 0, 0);
    }

    function test_aForgedVoucherClosesNothing() external {
        bytes32 id = open(10);
        add(id, 0, 4);
        signatures[0] = sign(STRANGER_KEY, channels.voucherDigest(vouchers[0]));
        vm.prank(payee);
        refused(PaymentChannels.BadSignature.selector);
        channels.redeemAndClose(vouchers, signatures, id);
    }

    function test_togetherWithinTheBounds() external {
        uint64 deadline = uint64(block.timestamp);
        uint128[3] memory totals = [uint128(4), 7, 10];
        for (uint256 i = 0; i < totals.length; ++i) {
            bytes32 id = open(10, bytes32(i));
            redeem(id, 0, 1, 4);
            uint256 payerCredit = channels.credit(NATIVE, payer);
            uint256 payeeCredit = channels.credit(NATIVE, payee);
            closeCooperative(id, totals[i], deadline, consent(id, totals[i], deadline), 0);
            check(id, totals[i], payerCredit + 10 - totals[i], payeeCredit + totals[i] - 4);
            same(4, channels.lane(id, 0).cumulative, "the lane stays");
        }
    }

    function test_togetherOutOfTheBounds() external {
        uint64 deadline = uint64(block.timestamp);
        bytes32 id = open(10);
        redeem(id, 0, 1, 4);
        bytes4 cause = PaymentChannels.AmountOutOfRange.selector;
        closeCooperative(id, 3, deadline, consent(id, 3, deadline), cause);
        closeCooperative(id, 11, deadline, consent(id, 11, deadline), cause);
    }

    function test_togetherUntilTheDeadline() external {
        uint64 deadline = uint64(block.timestamp) + 600;
        bytes32 id = open(10);
        bytes memory signature = consent(id, 5, deadline);
        vm.warp(deadline + 1);
        closeCooperative(id, 5, deadline, signature, PaymentChannels.DeadlinePassed.selector);
        vm.warp(deadline);
        closeCooperative(id, 5, deadline, signature, 0);
        check(id, 5, 5, 5);
    }

    function test_togetherByThePayerOnly() external {
        uint64 deadline = uint64(block.timestamp) + 600;
        bytes32 id = open(10);
        bytes memory signature = consent(id, 5, deadline);
        vm.prank(payee);
        refused(PaymentChannels.NotPayer.selector);
        channels.closeCooperative(id, 5, deadline, signature);
        vm.prank(stranger);
        refused(PaymentChannels.NotPayer.selector);
        channels.closeCooperative(id, 5, deadline, signature);
    }

    function test_togetherWithThePayeesConsentToJustThat() external {
        uint64 deadline = uint64(block.timestamp) + 600;
        bytes32 id = open(10);
        bytes32 other = open(10, bytes32(uint256(2)));
        bytes4 cause = PaymentChannels.BadSignature.selector;
        bytes memory signature = consent(id, 5, deadline);
        closeCooperative(id, 4, deadline, signature, cause);
        closeCooperative(id, 5, deadline + 1, signature, cause);
        closeCooperative(other, 5, deadline, signature, cause);
        closeCooperative(id, 5, deadline, sign(PAYER_KEY, channels.closeDigest(id, 5, deadline)), cause);
        closeCooperative(id, 5, deadline, "", cause);
        (PaymentChannels.Voucher memory v,) = voucher(id, 0, 1, 5);
        closeCooperative(id, 5, deadline, sign(PAYEE_KEY, channels.voucherDigest(v)), cause);
    }

    function test_togetherWhileSettlingToo() external {
        uint64 deadline = type(uint64).max;
        bytes32 id = open(10);
        settle(id);
        closeCooperative(id, 5, deadline, consent(id, 5, deadline), 0);
        check(id, 5, 5, 5);

        bytes32 over = open(10, bytes32(uint256(2)));
        vm.warp(settle(over));
        closeCooperative(over, 5, deadline, consent(over, 5, deadline), 0);
        check(over, 5, 10, 10);
    }

    /// A payee that became a contract wallet still has its key.
    function test_codeAtThePayeeChangesNothing() external {
        uint64 deadline = uint64(block.timestamp);
        bytes32 id = open(10);
        bytes memory signature = consent(id, 5, deadline);
        vm.etch(payee, hex"5f5ffd");
        closeCooperative(id, 5, deadline, signature, 0);
        check(id, 5, 5, 5);
    }

    function test_whatIsClosedStaysClosed() external {
        bytes32 id = open(10);
        closeByPayee(id);
        bytes4 cause = PaymentChannels.ChannelNotOpen.selector;
        bytes memory signature = consent(id, 5, type(uint64).max);
        vm.prank(payer);
        refused(cause);
        channels.settle(id);
        refused(cause);
        channels.collect(id);
        vm.prank(payee);
        refused(cause);
        channels.closeByPayee(id);
        vm.prank(payee);
        refused(cause);
        channels.redeemAndClose(vouchers, signatures, id);
        closeCooperative(id, 5, type(uint64).max, signature, cause);
        same(0, redeem(id, 0, 1, 4), "paid");
        check(id, 0, 10, 0);
    }
}
