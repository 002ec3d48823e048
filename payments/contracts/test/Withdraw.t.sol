// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";
import {FalseToken} from "./tokens/FalseToken.sol";
import {PlainToken} from "./tokens/PlainToken.sol";
import {RebasingToken} from "./tokens/RebasingToken.sol";
import {SilentToken} from "./tokens/SilentToken.sol";
import {StuckToken} from "./tokens/StuckToken.sol";

/// An account that takes no coins.
contract Refusing {}

contract WithdrawTest is ChannelTest {
    function openWith(address token, uint128 amount) private returns (bytes32 id) {
        PlainToken(token).mint(payer, amount);
        vm.prank(payer);
        PlainToken(token).approve(address(channels), amount);
        vm.prank(payer);
        id = channels.open(payee, payer, token, CHALLENGE, 0, amount);
    }

    function withdraw(address account, address token, address to, uint256 amount) private {
        vm.prank(account);
        channels.withdraw(token, to, amount);
    }

    function test_whatIsRefused() external {
        redeem(open(10), 0, 1, 4);
        refused(PaymentChannels.ZeroAddress.selector);
        withdraw(payee, NATIVE, address(0), 1);
        refused(PaymentChannels.ZeroAddress.selector);
        withdraw(payee, NATIVE, address(channels), 1);
        refused(PaymentChannels.ZeroAmount.selector);
        withdraw(payee, NATIVE, payee, 0);
        refused(PaymentChannels.InsufficientCredit.selector);
        withdraw(payee, NATIVE, payee, 5);
        refused(PaymentChannels.InsufficientCredit.selector);
        withdraw(stranger, NATIVE, stranger, 1);
        refused(PaymentChannels.InsufficientCredit.selector);
        withdraw(payee, address(0xbeef), payee, 1);
    }

    function test_inPartsToWhomever() external {
        bytes32 id = open(10);
        redeem(id, 0, 1, 4);
        uint256 before = stranger.balance;
        withdraw(payee, NATIVE, stranger, 1);
        withdraw(payee, NATIVE, stranger, 3);
        same(before + 4, stranger.balance, "balance");
        check(id, 4, 0, 0);
        same(6, address(channels).balance, "the others' money");
    }

    function test_aRecipientThatTakesNothingLosesNothing() external {
        bytes32 id = open(10);
        redeem(id, 0, 1, 4);
        address refusing = address(new Refusing());
        refused(PaymentChannels.TransferFailed.selector);
        withdraw(payee, NATIVE, refusing, 4);
        check(id, 4, 0, 4);
        withdraw(payee, NATIVE, payee, 4);
    }

    function test_tokens() external {
        PlainToken[2] memory tokens = [new PlainToken(), PlainToken(address(new SilentToken()))];
        for (uint256 i = 0; i < tokens.length; ++i) {
            bytes32 id = openWith(address(tokens[i]), 10);
            redeem(id, 0, 1, 4);
            withdraw(payee, address(tokens[i]), stranger, 4);
            same(4, tokens[i].balanceOf(stranger), "balance");
            same(6, tokens[i].balanceOf(address(channels)), "the others' money");
            check(id, 4, 0, 0);
        }
    }

    /// Whom a token bars cannot be paid there, and holds up neither the channel nor the other party.
    function test_aTokenThatBarsThePayee() external {
        StuckToken token = new StuckToken();
        bytes32 id = openWith(address(token), 10);
        token.bar(payee, true);
        redeem(id, 0, 1, 4);
        closeByPayee(id);
        withdraw(payer, address(token), payer, 6);
        vm.expectRevert(abi.encodeWithSelector(StuckToken.Barred.selector, payee));
        withdraw(payee, address(token), payee, 4);
        withdraw(payee, address(token), stranger, 4);
        check(id, 4, 0, 0);
    }

    function test_aTokenThatStopsWorking() external {
        PlainToken token = new PlainToken();
        bytes32 id = openWith(address(token), 10);
        redeem(id, 0, 1, 4);
        vm.etch(address(token), address(new FalseToken()).code);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        withdraw(payee, address(token), payee, 4);
        check(id, 4, 0, 4);
    }

    /// Who has a token that shrinks shares the loss with those who have it here, and with nobody else.
    function test_aTokenThatShrinksTouchesNoOther() external {
        RebasingToken token = new RebasingToken();
        redeem(openWith(address(token), 10), 0, 1, 10);
        bytes32 id = open(10);
        redeem(id, 0, 1, 10);
        token.rebase(50);
        try this.withdrawAll(address(token)) {
            revert("paid what is not there");
        } catch {}
        withdraw(payee, address(token), payee, 5);
        withdraw(payee, NATIVE, payee, 10);
    }

    function withdrawAll(address token) external {
        withdraw(payee, token, payee, 10);
    }

    function test_coinsForcedUponTheContractAreNobodys() external {
        bytes32 id = open(10);
        vm.deal(address(channels), 1000);
        redeem(id, 0, 1, 100);
        check(id, 10, 0, 10);
        refused(PaymentChannels.InsufficientCredit.selector);
        withdraw(payee, NATIVE, payee, 11);
    }
}
