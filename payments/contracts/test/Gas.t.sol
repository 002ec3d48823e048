// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";
import {PlainToken} from "./tokens/PlainToken.sol";

/// What transactions cost at most, with all that a chain charges for one. Spec: PAYMENT CHANNELS, 6.7.
/// Every call of a test is a transaction of its own here:
/// forge-config: default.isolate = true
contract GasTest is ChannelTest {
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;

    /// Of the last call.
    function costs(uint256 ceiling, string memory what) private view {
        uint256 used = vm.lastCallGas().gasTotalUsed;
        require(used <= ceiling, string.concat(what, " costs ", vm.toString(used)));
        // Less than a transaction costs at all: then it is not that which is measured here.
        require(used > 21000, string.concat(what, " costs only ", vm.toString(used)));
    }

    function filled(uint128 amount) private returns (bytes32) {
        return open(amount, keccak256("salt"));
    }

    function redeemed(bytes32 id, uint64 lane, uint64 nonce, uint128 amount) private {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, lane, nonce, amount);
        channels.redeem(v, signature);
    }

    function test_open() external {
        filled(1 ether);
        costs(150_000, "open");
    }

    function test_openWithAToken() external {
        PlainToken token = new PlainToken();
        token.mint(payer, 10 ether);
        vm.prank(payer);
        token.approve(address(channels), 10 ether);
        vm.prank(payer);
        channels.open(payee, payer, address(token), CHALLENGE, keccak256("salt"), 1 ether);
        costs(195_000, "open with a token");
        bytes32 id = channels.channelId(payer, payee, payer, address(token), CHALLENGE, keccak256("salt"));
        redeem(id, 0, 1, 0.5 ether);
        vm.prank(payee);
        channels.withdraw(address(token), payee, 0.5 ether);
        costs(78_000, "withdraw a token");
    }

    function test_topUp() external {
        bytes32 id = filled(1 ether);
        vm.prank(payer);
        channels.topUp{value: 1 ether}(id, 1 ether);
        costs(60_000, "top-up");
    }

    function test_redeem() external {
        bytes32 id = filled(1 ether);
        redeemed(id, 7, 1, 0.1 ether);
        costs(115_000, "redeem on a new lane");
        redeemed(id, 7, 2, 0.2 ether);
        costs(75_000, "redeem on a known lane");
        redeemed(id, 7, 2, 0.2 ether);
        costs(45_000, "redeem again");
    }

    function test_redeemTen() external {
        bytes32 id = filled(1 ether);
        for (uint64 lane = 0; lane < 10; ++lane) {
            (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, lane, 1, 0.05 ether);
            vouchers.push(v);
            signatures.push(signature);
        }
        channels.redeemMany(vouchers, signatures);
        costs(500_000, "redeem ten");
        check(id, 0.5 ether, 0, 0.5 ether);
    }

    function test_settleAndCollect() external {
        bytes32 id = filled(1 ether);
        vm.prank(payer);
        channels.settle(id);
        costs(45_000, "settle");
        vm.warp(block.timestamp + CHALLENGE);
        channels.collect(id);
        costs(75_000, "collect");
        vm.prank(payer);
        channels.withdraw(NATIVE, address(0xbeef), 1 ether);
        costs(82_000, "withdraw");
    }

    function test_closeByPayee() external {
        bytes32 id = filled(1 ether);
        redeem(id, 7, 1, 0.1 ether);
        closeByPayee(id);
        costs(76_000, "close by payee");
    }

    function test_codeSize() external view {
        require(address(channels).code.length <= 16 * 1024, "code above 16 KiB");
    }
}
