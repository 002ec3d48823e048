// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {Vm, vm} from "./Vm.sol";

/// A contract, its parties, and what tests say in one line.
abstract contract ChannelTest {
    uint32 internal constant MIN_CHALLENGE = 60;
    uint32 internal constant MAX_CHALLENGE = 7 days;
    uint32 internal constant CHALLENGE = 1 days;
    address internal constant NATIVE = address(0);
    uint128 internal constant MAX_AMOUNT = type(uint128).max;
    uint256 internal constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    uint256 internal constant PAYER_KEY = 0x4646464646464646464646464646464646464646464646464646464646464646;
    uint256 internal constant PAYEE_KEY = 0x4747474747474747474747474747474747474747474747474747474747474747;
    uint256 internal constant STRANGER_KEY = 0x4848484848484848484848484848484848484848484848484848484848484848;
    address internal immutable payer = vm.addr(PAYER_KEY);
    address internal immutable payee = vm.addr(PAYEE_KEY);
    address internal immutable stranger = vm.addr(STRANGER_KEY);

    PaymentChannels internal channels;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        channels = new PaymentChannels(MIN_CHALLENGE, MAX_CHALLENGE);
        vm.deal(payer, type(uint160).max);
        vm.deal(payee, 1 ether);
        vm.deal(stranger, 1 ether);
    }

    function open(uint128 amount) internal returns (bytes32) {
        return open(amount, bytes32(uint256(1)));
    }

    function open(uint128 amount, bytes32 salt) internal returns (bytes32) {
        vm.prank(payer);
        return channels.open{value: amount}(payee, payer, NATIVE, CHALLENGE, salt, amount);
    }

    function settle(bytes32 id) internal returns (uint64 settleAt) {
        vm.prank(payer);
        channels.settle(id);
        return channels.channel(id).settleAt;
    }

    function closeByPayee(bytes32 id) internal {
        vm.prank(payee);
        channels.closeByPayee(id);
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function voucher(bytes32 id, uint64 lane, uint64 nonce, uint128 amount)
        internal
        view
        returns (PaymentChannels.Voucher memory v, bytes memory signature)
    {
        v = PaymentChannels.Voucher(id, lane, nonce, amount);
        signature = sign(PAYER_KEY, channels.voucherDigest(v));
    }

    function redeem(bytes32 id, uint64 lane, uint64 nonce, uint128 amount) internal returns (uint128) {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, lane, nonce, amount);
        return channels.redeem(v, signature);
    }

    function consent(bytes32 id, uint128 finalRedeemed, uint64 deadline) internal view returns (bytes memory) {
        return sign(PAYEE_KEY, channels.closeDigest(id, finalRedeemed, deadline));
    }

    /// The next call must fail with that custom error.
    function refused(bytes4 cause) internal {
        vm.expectRevert(abi.encodeWithSelector(cause));
    }

    function same(uint256 expected, uint256 actual, string memory what) internal pure {
        require(
            expected == actual,
            string.concat(what, ": expected ", vm.toString(expected), ", got ", vm.toString(actual))
        );
    }

    /// All the figures of a channel at once, and of both parties' credits.
    function check(bytes32 id, uint128 redeemed, uint256 payerCredit, uint256 payeeCredit) internal view {
        PaymentChannels.Channel memory c = channels.channel(id);
        same(redeemed, c.redeemed, "redeemed");
        same(payerCredit, channels.credit(c.token, c.payer), "payer's credit");
        same(payeeCredit, channels.credit(c.token, c.payee), "payee's credit");
    }
}
