// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

contract RedeemTest is ChannelTest {
    bytes private constant NO_SIGNATURE = "";

    function unsigned(bytes32 id, uint64 lane, uint128 amount) private returns (uint128) {
        return channels.redeem(PaymentChannels.Voucher(id, lane, 1, amount), NO_SIGNATURE);
    }

    function test_fromOpenToAnEmptyContract() external {
        bytes32 id = open(10);
        same(4, redeem(id, 0, 1, 4), "lane 0");
        same(6, redeem(id, 1, 1, 9), "lane 1, as far as the deposit reaches");
        same(6, channels.lane(id, 1).cumulative, "the lane goes by what is paid");
        vm.prank(payer);
        channels.topUp{value: 5}(id, 5);
        same(3, redeem(id, 1, 1, 9), "the rest of the same voucher");
        check(id, 13, 0, 13);
        vm.warp(settle(id));
        channels.collect(id);
        check(id, 13, 2, 13);
        vm.prank(payee);
        channels.withdraw(NATIVE, payee, 13);
        vm.prank(payer);
        channels.withdraw(NATIVE, payer, 2);
        check(id, 13, 0, 0);
        same(0, address(channels).balance, "balance of the contract");
    }

    function test_whatBringsNothingNeedsNoSignature() external {
        same(0, unsigned(bytes32(uint256(7)), 0, 5), "no such channel");
        bytes32 id = open(10);
        redeem(id, 0, 1, 4);
        same(0, unsigned(id, 0, 4), "as much");
        same(0, unsigned(id, 0, 3), "less");
        same(0, unsigned(id, 5, 0), "nothing on a new lane");
        redeem(id, 1, 1, 6);
        same(0, unsigned(id, 0, 5), "nothing left");
        closeByPayee(id);
        same(0, unsigned(id, 0, 100), "closed");
        check(id, 10, 0, 10);
    }

    function test_whatBringsSomethingNeedsOne() external {
        bytes32 id = open(10);
        refused(PaymentChannels.BadSignature.selector);
        unsigned(id, 0, 1);
    }

    function test_theAmountOrdersAndNotTheNonce() external {
        bytes32 id = open(100);
        same(5, redeem(id, 3, type(uint64).max, 5), "the highest nonce first");
        same(20, redeem(id, 3, 0, 25), "a better voucher with a lower nonce");
        same(type(uint64).max, channels.lane(id, 3).nonce, "nonce");
        same(1, redeem(id, 4, 9, 1), "lanes are independent");
        same(9, channels.lane(id, 4).nonce, "nonce");
    }

    function test_whoeverSubmitsOnlyThePayeeGains() external {
        bytes32 id = open(10);
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 0, 1, 4);
        vm.prank(stranger);
        channels.redeem(v, signature);
        check(id, 4, 0, 4);
        same(0, channels.credit(NATIVE, stranger), "stranger's credit");
    }

    function test_aSignerOfItsOwn() external {
        vm.prank(payer);
        bytes32 id = channels.open{value: 9}(payee, stranger, NATIVE, CHALLENGE, 0, 9);
        PaymentChannels.Voucher memory v = PaymentChannels.Voucher(id, 0, 1, 4);
        bytes32 digest = channels.voucherDigest(v);
        refused(PaymentChannels.BadSignature.selector);
        channels.redeem(v, sign(PAYER_KEY, digest));
        same(4, channels.redeem(v, sign(STRANGER_KEY, digest)), "by the signer");
    }

    function test_theHighestOfEverything() external {
        bytes32 id = open(MAX_AMOUNT);
        same(MAX_AMOUNT, redeem(id, type(uint64).max, type(uint64).max, MAX_AMOUNT), "paid");
        check(id, MAX_AMOUNT, 0, MAX_AMOUNT);
        same(MAX_AMOUNT, channels.lane(id, type(uint64).max).cumulative, "lane");
        same(0, channels.lane(id, type(uint64).max >> 1).cumulative, "another lane");
    }
}
