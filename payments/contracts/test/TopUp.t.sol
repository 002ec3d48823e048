// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {PlainToken} from "./tokens/PlainToken.sol";

contract TopUpTest is ChannelTest {
    function test_anyoneAddsAndNothingElseChanges() external {
        bytes32 id = open(10);
        redeem(id, 1, 1, 4);
        PaymentChannels.Channel memory before = channels.channel(id);

        vm.prank(stranger);
        channels.topUp{value: 5}(id, 5);

        PaymentChannels.Channel memory c = channels.channel(id);
        same(15, c.deposit, "deposit");
        c.deposit = before.deposit;
        require(keccak256(abi.encode(c)) == keccak256(abi.encode(before)), "something else changed");
        check(id, 4, 0, 4);
    }

    function test_onlyWhileOpenAndNotSettling() external {
        refused(PaymentChannels.ChannelNotOpen.selector);
        channels.topUp{value: 1}(bytes32(uint256(7)), 1);

        bytes32 id = open(10);
        uint64 settleAt = settle(id);
        refused(PaymentChannels.ChannelSettling.selector);
        channels.topUp{value: 1}(id, 1);
        vm.warp(settleAt);
        refused(PaymentChannels.ChannelSettling.selector);
        channels.topUp{value: 1}(id, 1);

        closeByPayee(id);
        refused(PaymentChannels.ChannelNotOpen.selector);
        channels.topUp{value: 1}(id, 1);
    }

    function test_amounts() external {
        bytes32 id = open(10);
        refused(PaymentChannels.ZeroAmount.selector);
        channels.topUp(id, 0);
        refused(PaymentChannels.WrongValue.selector);
        channels.topUp{value: 4}(id, 5);
        refused(PaymentChannels.WrongValue.selector);
        channels.topUp{value: 6}(id, 5);
    }

    function test_theDepositStaysBelow2To128() external {
        bytes32 id = open(MAX_AMOUNT - 1);
        vm.prank(payer);
        channels.topUp{value: 1}(id, 1);
        same(MAX_AMOUNT, channels.channel(id).deposit, "deposit");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x11));
        channels.topUp{value: 1}(id, 1);
    }

    function openWith(PlainToken token) private returns (bytes32) {
        vm.prank(payer);
        token.approve(address(channels), 100);
        vm.prank(payer);
        return channels.open(payee, payer, address(token), CHALLENGE, bytes32(0), 10);
    }

    function test_withAToken() external {
        PlainToken token = new PlainToken();
        token.mint(payer, 100);
        bytes32 id = openWith(token);

        vm.prank(payer);
        channels.topUp(id, 5);
        same(15, channels.channel(id).deposit, "deposit");
        same(15, token.balanceOf(address(channels)), "balance");
        vm.prank(payer);
        refused(PaymentChannels.WrongValue.selector);
        channels.topUp{value: 5}(id, 5);
    }

    function test_aTokenThatBeginsToTakeAFee() external {
        PlainToken token = new PlainToken();
        token.mint(payer, 100);
        bytes32 id = openWith(token);
        vm.etch(address(token), address(new FeeToken()).code);

        vm.prank(payer);
        refused(PaymentChannels.TokenAmountMismatch.selector);
        channels.topUp(id, 5);
    }
}
