// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

/// A contract wallet that disowns whatever it signed.
contract Disowning {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0xffffffff;
    }
}

/// A contract wallet that says it signed anything.
contract Agreeing {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }
}

contract SignaturesTest is ChannelTest {
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        id = open(1000);
    }

    function bad(PaymentChannels.Voucher memory v, bytes memory signature) private {
        refused(PaymentChannels.BadSignature.selector);
        channels.redeem(v, signature);
    }

    function test_everyBitOfAVoucher() external {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 7, 3, 10);
        for (uint256 bit = 0; bit < 65 * 8; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            signature[bit / 8] ^= mask;
            bad(v, signature);
            signature[bit / 8] ^= mask;
        }
        same(10, channels.redeem(v, signature), "untouched");
    }

    function test_everyBitOfAConsent() external {
        bytes memory signature = consent(id, 10, type(uint64).max);
        for (uint256 bit = 0; bit < 65 * 8; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            signature[bit / 8] ^= mask;
            vm.prank(payer);
            refused(PaymentChannels.BadSignature.selector);
            channels.closeCooperative(id, 10, type(uint64).max, signature);
            signature[bit / 8] ^= mask;
        }
        vm.prank(payer);
        channels.closeCooperative(id, 10, type(uint64).max, signature);
    }

    function test_theTwinWithTheHighS() external {
        PaymentChannels.Voucher memory v = PaymentChannels.Voucher(id, 7, 3, 10);
        bytes32 digest = channels.voucherDigest(v);
        (uint8 y, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, digest);
        bytes32 twin = bytes32(ORDER - uint256(s));
        uint8 other = y == 27 ? 28 : 27;
        require(ecrecover(digest, other, r, twin) == payer, "the twin is by the same key");
        bad(v, abi.encodePacked(r, twin, other));
    }

    function test_otherLengths() external {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 7, 3, 10);
        bytes memory cut = new bytes(64);
        for (uint256 i = 0; i < 64; ++i) cut[i] = signature[i];
        bad(v, cut);
        bad(v, abi.encodePacked(signature, uint8(0)));
        bad(v, "");

        (uint8 y, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, channels.voucherDigest(v));
        bad(v, abi.encodePacked(r, bytes32(uint256(s) | (uint256(y - 27) << 255)))); // the short form of the same
    }

    function test_theZeroSignerSignsNothing() external {
        (PaymentChannels.Voucher memory v,) = voucher(id, 7, 3, 10);
        bad(v, new bytes(65));
        bad(v, abi.encodePacked(bytes32(0), bytes32(0), uint8(27)));
        bad(v, abi.encodePacked(bytes32(0), bytes32(0), uint8(28)));
    }

    function test_theOldNumbersOfV() external {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 7, 3, 10);
        signature[64] = bytes1(uint8(signature[64]) - 27);
        bad(v, signature);
    }

    function test_anyBytes(bytes calldata signature) external {
        (PaymentChannels.Voucher memory v, bytes memory right) = voucher(id, 7, 3, 10);
        vm.assume(keccak256(signature) != keccak256(right));
        bad(v, signature);
    }

    function test_aPrefixedMessageIsNoVoucher() external {
        PaymentChannels.Voucher memory v = PaymentChannels.Voucher(id, 7, 3, 10);
        bytes32 digest = channels.voucherDigest(v);
        bad(v, sign(PAYER_KEY, keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digest))));
    }

    /// C13: each of the six that a signature is for.
    function test_eachFieldCounts(uint64 lane, uint64 nonce, uint128 amount, uint256 change) external {
        vm.assume(amount > 0);
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, lane, nonce, amount);

        bytes32 other = open(1000, bytes32(uint256(2)));
        bad(PaymentChannels.Voucher(other, lane, nonce, amount), signature);
        bad(PaymentChannels.Voucher(id, changed(lane, change), nonce, amount), signature);
        bad(PaymentChannels.Voucher(id, lane, changed(nonce, change), amount), signature);
        uint128 more = uint128(uint256(amount) ^ (1 << (change % 128)));
        if (more > 0) bad(PaymentChannels.Voucher(id, lane, nonce, more), signature);

        vm.chainId(block.chainid + 1);
        bad(v, signature);
        vm.chainId(block.chainid - 1);
        require(channels.redeem(v, signature) > 0, "unchanged");
    }

    function changed(uint64 value, uint256 change) private pure returns (uint64) {
        return value ^ uint64(1 << (change % 64));
    }

    function test_anotherDeployment() external {
        PaymentChannels second = new PaymentChannels(MIN_CHALLENGE, MAX_CHALLENGE);
        vm.prank(payer);
        bytes32 there = second.open{value: 10}(payee, payer, NATIVE, CHALLENGE, bytes32(uint256(1)), 10);
        require(there != id, "ids differ");
        // The channel of the second, signed for the first.
        PaymentChannels.Voucher memory v = PaymentChannels.Voucher(there, 0, 1, 5);
        bytes memory signature = sign(PAYER_KEY, channels.voucherDigest(v));
        refused(PaymentChannels.BadSignature.selector);
        second.redeem(v, signature);
        same(5, second.redeem(v, sign(PAYER_KEY, second.voucherDigest(v))), "signed for it");
    }

    /// A chain that split off: ids and digests there are others, and so is every channel's.
    function test_anotherChain() external {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 0, 1, 5);
        bytes32 here = channels.voucherDigest(v);
        vm.chainId(777);
        require(channels.voucherDigest(v) != here, "digest");
        require(channels.channelId(payer, payee, payer, NATIVE, CHALLENGE, bytes32(uint256(1))) != id, "id");
        (,,, uint256 chain, address verifying,,) = channels.eip712Domain();
        same(777, chain, "domain");
        require(verifying == address(channels), "domain");
        bad(v, signature);
    }

    /// C14: what stands at the signer's address makes no difference.
    function test_codeAtTheSigner() external {
        (PaymentChannels.Voucher memory v, bytes memory signature) = voucher(id, 0, 1, 5);
        bytes[3] memory codes = [
            address(new Disowning()).code,
            address(new Agreeing()).code,
            abi.encodePacked(hex"ef0100", address(new Disowning())) // a delegation
        ];
        for (uint256 i = 0; i < codes.length; ++i) {
            vm.etch(payer, codes[i]);
            (PaymentChannels.Voucher memory next,) = voucher(id, uint64(i), 1, 5);
            bad(next, sign(STRANGER_KEY, channels.voucherDigest(next)));
            same(5, channels.redeem(next, sign(PAYER_KEY, channels.voucherDigest(next))), "paid");
        }
        same(0, channels.redeem(v, signature), "already");
    }
}
