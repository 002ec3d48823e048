// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";
import {BonusToken} from "./tokens/BonusToken.sol";
import {FalseToken} from "./tokens/FalseToken.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {IdleToken} from "./tokens/IdleToken.sol";
import {PlainToken} from "./tokens/PlainToken.sol";
import {SilentToken} from "./tokens/SilentToken.sol";

contract OpenTest is ChannelTest {
    bytes32 private constant SALT = bytes32(uint256(1));

    function openAs(address payee_, address signer, uint32 challenge, uint128 amount) private returns (bytes32) {
        vm.prank(payer);
        return channels.open{value: amount}(payee_, signer, NATIVE, challenge, SALT, amount);
    }

    function openWithToken(PlainToken token, uint128 amount) private returns (bytes32) {
        token.mint(payer, 1000);
        vm.prank(payer);
        token.approve(address(channels), amount);
        vm.prank(payer);
        return channels.open(payee, payer, address(token), CHALLENGE, SALT, amount);
    }

    function test_theRecordIsWhatWasSaid() external {
        vm.prank(payer);
        bytes32 id = channels.open{value: 7}(payee, stranger, NATIVE, CHALLENGE, SALT, 7);

        require(id == channels.channelId(payer, payee, stranger, NATIVE, CHALLENGE, SALT), "id");
        PaymentChannels.Channel memory c = channels.channel(id);
        require(c.payer == payer && c.payee == payee && c.signer == stranger && c.token == NATIVE, "parties");
        same(CHALLENGE, c.challenge, "challenge");
        same(0, c.settleAt, "settleAt");
        same(1, c.status, "status");
        same(7, c.deposit, "deposit");
        same(0, c.redeemed, "redeemed");
    }

    function test_partiesThatCannotBe() external {
        bytes4 zero = PaymentChannels.ZeroAddress.selector;
        bytes4 twice = PaymentChannels.SameParty.selector;
        refused(zero);
        openAs(address(0), payer, CHALLENGE, 1);
        refused(zero);
        openAs(payee, address(0), CHALLENGE, 1);
        refused(zero);
        openAs(address(channels), payer, CHALLENGE, 1);
        refused(twice);
        openAs(payer, stranger, CHALLENGE, 1);
        refused(twice);
        openAs(payee, payee, CHALLENGE, 1);
    }

    function test_challengeWithinBoundsOnly() external {
        same(MIN_CHALLENGE, channels.minChallenge(), "least");
        same(MAX_CHALLENGE, channels.maxChallenge(), "most");
        openAs(payee, payer, MIN_CHALLENGE, 1);
        openAs(payee, payer, MAX_CHALLENGE, 1);
        refused(PaymentChannels.ChallengeOutOfRange.selector);
        openAs(payee, payer, MIN_CHALLENGE - 1, 1);
        refused(PaymentChannels.ChallengeOutOfRange.selector);
        openAs(payee, payer, MAX_CHALLENGE + 1, 1);
        refused(PaymentChannels.ChallengeOutOfRange.selector);
        new PaymentChannels(2, 1);
    }

    function test_emptyDeposit() external {
        refused(PaymentChannels.ZeroAmount.selector);
        openAs(payee, payer, CHALLENGE, 0);
    }

    function test_anIdIsUsedOnce() external {
        bytes32 id = open(1);
        refused(PaymentChannels.ChannelExists.selector);
        open(1);
        closeByPayee(id);
        refused(PaymentChannels.ChannelExists.selector);
        open(1);
    }

    function test_everyParameterMakesAnotherId() external view {
        bytes32 id = channels.channelId(payer, payee, payer, NATIVE, CHALLENGE, SALT);
        require(id != channels.channelId(stranger, payee, payer, NATIVE, CHALLENGE, SALT), "payer");
        require(id != channels.channelId(payer, stranger, payer, NATIVE, CHALLENGE, SALT), "payee");
        require(id != channels.channelId(payer, payee, stranger, NATIVE, CHALLENGE, SALT), "signer");
        require(id != channels.channelId(payer, payee, payer, address(1), CHALLENGE, SALT), "token");
        require(id != channels.channelId(payer, payee, payer, NATIVE, CHALLENGE + 1, SALT), "challenge");
        require(id != channels.channelId(payer, payee, payer, NATIVE, CHALLENGE, bytes32(0)), "salt");
    }

    function test_nativeValueIsTheAmount() external {
        for (uint256 value = 9; value <= 11; value += 2) {
            vm.prank(payer);
            refused(PaymentChannels.WrongValue.selector);
            channels.open{value: value}(payee, payer, NATIVE, CHALLENGE, SALT, 10);
        }
    }

    function test_noNativeValueWithAToken() external {
        PlainToken token = new PlainToken();
        token.mint(payer, 10);
        vm.prank(payer);
        token.approve(address(channels), 10);
        vm.prank(payer);
        refused(PaymentChannels.WrongValue.selector);
        channels.open{value: 10}(payee, payer, address(token), CHALLENGE, SALT, 10);
    }

    function test_tokensThatMoveWhatTheySay() external {
        PlainToken plain = new PlainToken();
        openWithToken(plain, 10);
        same(10, plain.balanceOf(address(channels)), "plain");

        SilentToken silent = new SilentToken();
        openWithToken(PlainToken(address(silent)), 10);
        same(10, silent.balanceOf(address(channels)), "silent");
    }

    function openWithBadToken(PlainToken token, bytes memory cause) private {
        token.mint(payer, 10);
        vm.prank(payer);
        token.approve(address(channels), 10);
        vm.prank(payer);
        vm.expectRevert(cause);
        channels.open(payee, payer, address(token), CHALLENGE, SALT, 10);
    }

    function test_tokensThatMoveAnotherAmount() external {
        bytes memory mismatch = abi.encodeWithSelector(PaymentChannels.TokenAmountMismatch.selector);
        openWithBadToken(new FeeToken(), mismatch);
        openWithBadToken(new BonusToken(), mismatch);
        openWithBadToken(new IdleToken(), mismatch);
    }

    function test_tokensThatFail() external {
        FalseToken token = new FalseToken();
        openWithBadToken(token, abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
    }

    function test_aTokenWithoutCode() external {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, stranger));
        channels.open(payee, payer, stranger, CHALLENGE, SALT, 10);
    }

    function test_plainTransfersBounce() external {
        vm.prank(payer);
        (bool done,) = address(channels).call{value: 1}("");
        require(!done, "coins without a call");
        vm.prank(payer);
        (done,) = address(channels).call{value: 1}(hex"deadbeef");
        require(!done, "a call of nothing");
    }
}
