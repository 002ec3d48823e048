// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";
import {CallingToken} from "./tokens/CallingToken.sol";

/// An account that calls somebody when it is given coins, and keeps what came of it.
contract Entering {
    address private target;
    bytes private data;
    bool public done;
    bytes public answer;

    function callWhenPaid(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
        answer = "";
    }

    receive() external payable {
        (done, answer) = target.call(data);
    }
}

/// Whatever foreign code is called, no door of the contract is open to it meanwhile.
contract ReentrancyTest is ChannelTest {
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;
    bytes[] private doors;
    CallingToken private token;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        token = new CallingToken();
        token.mint(payer, 1000);
        vm.prank(payer);
        token.approve(address(channels), 1000);
        vm.prank(payer);
        id = channels.open(payee, payer, address(token), CHALLENGE, 0, 100);
        redeem(id, 0, 1, 10);
        redeem(open(100), 0, 1, 10);

        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 0, 2, 20);
        vouchers.push(v);
        signatures.push(signature);
        doors.push(abi.encodeCall(channels.open, (payee, payer, NATIVE, CHALLENGE, bytes32(uint256(9)), 1)));
        doors.push(abi.encodeCall(channels.topUp, (id, 1)));
        doors.push(abi.encodeCall(channels.redeem, (v, signature)));
        doors.push(abi.encodeCall(channels.redeemMany, (vouchers, signatures)));
        doors.push(abi.encodeCall(channels.settle, (id)));
        doors.push(abi.encodeCall(channels.collect, (id)));
        doors.push(abi.encodeCall(channels.closeByPayee, (id)));
        doors.push(abi.encodeCall(channels.redeemAndClose, (vouchers, signatures, id)));
        doors.push(abi.encodeCall(channels.closeCooperative, (id, 20, type(uint64).max, signature)));
        doors.push(abi.encodeCall(channels.withdraw, (NATIVE, stranger, 1)));
    }

    function shut(bool done, bytes memory answer) private pure {
        require(!done && bytes4(answer) == ReentrancyGuard.ReentrancyGuardReentrantCall.selector, "open to a caller");
    }

    function test_whileATokenComesIn() external {
        for (uint256 i = 0; i < doors.length; ++i) {
            token.callWhileMoving(address(channels), doors[i]);
            vm.prank(payer);
            channels.open(payee, payer, address(token), CHALLENGE, bytes32(i + 100), 1);
            require(token.called(), "not called");
            shut(token.done(), token.answer());

            token.callWhileMoving(address(channels), doors[i]);
            vm.prank(payer);
            channels.topUp(id, 1);
            require(token.called(), "not called");
            shut(token.done(), token.answer());
        }
    }

    function test_whileATokenGoesOut() external {
        for (uint256 i = 0; i < doors.length; ++i) {
            token.callWhileMoving(address(channels), doors[i]);
            vm.prank(payee);
            channels.withdraw(address(token), payee, 1);
            require(token.called(), "not called");
            shut(token.done(), token.answer());
        }
    }

    function test_whileCoinsGoOut() external {
        Entering entering = new Entering();
        for (uint256 i = 0; i < doors.length; ++i) {
            entering.callWhenPaid(address(channels), doors[i]);
            vm.prank(payee);
            channels.withdraw(NATIVE, address(entering), 1);
            shut(entering.done(), entering.answer());
        }
    }

    /// Who looks on while money moves sees it already gone or already there, never twice.
    function test_viewsAreAheadOfTheMoney() external {
        Entering entering = new Entering();
        entering.callWhenPaid(address(channels), abi.encodeCall(channels.credit, (NATIVE, payee)));
        vm.prank(payee);
        channels.withdraw(NATIVE, address(entering), 4);
        same(6, abi.decode(entering.answer(), (uint256)), "credit");
    }
}
