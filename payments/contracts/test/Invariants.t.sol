// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {Handler} from "./Handler.sol";
import {LogBook} from "./LogBook.sol";
import {Model} from "./Model.sol";
import {vm} from "./Vm.sol";
import {PlainToken} from "./tokens/PlainToken.sol";

/// What holds after any calls by anyone. C5, C6, C10 to C12 and C15 are held after each call in the handler and the log
/// book, which fail on the spot; C7 and C8 in Order.t.sol; C9 at its edges in Settle.t.sol, and here by the model;
/// C13 and C14 in Signatures.t.sol. Spec: PAYMENT CHANNELS, 10.
contract InvariantsTest {
    PaymentChannels private channels;
    Handler private handler;
    Model private model;
    LogBook private logs;

    function setUp() external {
        vm.warp(1_800_000_000);
        channels = new PaymentChannels(1, 100_000);
        handler = new Handler(channels);
        model = handler.model();
        logs = handler.logs();
    }

    /// Read by the test runner: what it calls at random.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_moneyAndRecords() external view {
        for (uint256 i = 0; i < handler.channelCount(); ++i) channelHolds(handler.ids(i));
        for (uint256 t = 0; t < handler.tokenCount(); ++t) tokenHolds(handler.tokens(t));
    }

    function channelHolds(bytes32 id) private view {
        PaymentChannels.Channel memory c = channels.channel(id);
        Model.Book memory book = model.book(id);
        require(c.redeemed <= c.deposit, "C1: more redeemed than there is");
        uint256 lanes;
        for (uint64 n = 0; n < handler.LANES(); ++n) {
            PaymentChannels.Lane memory l = channels.lane(id, n);
            lanes += l.cumulative;
            require(l.cumulative == model.lane(id, n) && l.nonce == model.nonce(id, n), "another lane than the model's");
            require(keccak256(abi.encode(l)) == keccak256(abi.encode(logs.lane(id, n))), "another lane than the logs say");
        }
        require(book.byConsent ? lanes <= c.redeemed : lanes == c.redeemed, "C2: redeemed is not the lanes' sum");
        require(
            c.deposit == book.deposit && c.redeemed == book.redeemed && c.settleAt == book.settleAt
                && (c.status == 1) == book.open,
            "another channel than the model's"
        );
        require(keccak256(abi.encode(c)) == keccak256(abi.encode(logs.channel(id))), "another channel than the logs say");
    }

    function tokenHolds(address token) private view {
        uint256 owed;
        for (uint256 a = 0; a < handler.accountCount(); ++a) {
            address account = handler.accounts(a);
            uint256 credit = channels.credit(token, account);
            require(credit == model.credit(token, account), "another credit than the model's");
            require(credit == logs.credit(token, account), "another credit than the logs say");
            owed += credit;
        }
        for (uint256 i = 0; i < handler.channelCount(); ++i) {
            PaymentChannels.Channel memory c = channels.channel(handler.ids(i));
            if (c.token == token && c.status == 1) owed += c.deposit - c.redeemed;
        }
        require(owed == model.accepted(token) - model.withdrawn(token), "C3: money came or went");
        uint256 there =
            token == address(0) ? address(channels).balance : PlainToken(token).balanceOf(address(channels));
        require(there >= owed, "C4: less there than is owed");
    }

    /// The handler is no good if it does not get anywhere.
    function test_theHandlerDoesAllThatPeopleDo() external {
        for (uint256 i = 0; i < 1500; ++i) {
            (bool done, bytes memory answer) =
                address(handler).call(abi.encodeWithSelector(action(i % 15), uint256(keccak256(abi.encode(i)))));
            if (!done) assembly { revert(add(answer, 32), mload(answer)) }
        }
        string[12] memory needed = [
            "open", "top-up", "redeem", "paid", "redeem again", "redeem many", "settle", "collect",
            "close by payee", "redeem and close", "close together", "withdraw"
        ];
        for (uint256 i = 0; i < needed.length; ++i) {
            require(handler.happened(needed[i]) > 2, string.concat("hardly ever: ", needed[i]));
        }
        require(handler.happened("entered") > 2 && handler.happened("refused") > 50, "hardly ever refused");
        this.invariant_moneyAndRecords();
    }

    function action(uint256 i) private view returns (bytes4) {
        bytes4[15] memory actions = [
            handler.open.selector, handler.topUp.selector, handler.redeem.selector, handler.redeemAgain.selector,
            handler.redeemMany.selector, handler.forge.selector, handler.settle.selector, handler.collect.selector,
            handler.closeByPayee.selector, handler.redeemAndClose.selector, handler.closeCooperative.selector,
            handler.withdraw.selector, handler.bar.selector, handler.enter.selector, handler.wait.selector
        ];
        return actions[i];
    }
}
