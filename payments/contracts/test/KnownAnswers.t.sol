// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

/// Ids, digests and a signature that other implementations agree on. Spec: PAYMENT CHANNELS, 6.5.
contract KnownAnswersTest is ChannelTest {
    PaymentChannels private constant THERE = PaymentChannels(0x1234567890AbcdEF1234567890aBcdef12345678);
    bytes32 private constant ID = 0xc37ac62905d2e40f3e0bcde10a7e4be880444d566486b5b5831cad7bb7a63891;

    function setUp() public override {
        super.setUp();
        vm.chainId(314159);
        vm.etch(address(THERE), address(channels).code);
    }

    function test_keyAndChannel() external view {
        require(payer == 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F, "payer");
        address payee_ = 0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa;
        require(THERE.channelId(payer, payee_, payer, NATIVE, 86400, bytes32(uint256(1))) == ID, "id");
    }

    function test_domain() external view {
        (bytes1 fields, string memory name, string memory version, uint256 chain, address verifying, bytes32 salt,) =
            THERE.eip712Domain();
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chain,
                verifying
            )
        );
        require(fields == 0x0f && salt == 0, "fields");
        require(separator == 0xd2537c137cea609cfb4a336063ebe0a3f703162048aa194ceb9dfd442111c296, "separator");
    }

    function test_vouchers() external view {
        bytes32 digest = THERE.voucherDigest(PaymentChannels.Voucher(ID, 7, 3, 1e18));
        require(digest == 0x5fdf772937bfb0b70327528bee1a52692150ceb714c1000961cdcc3cd05573ca, "digest");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(PAYER_KEY, digest);
        require(r == 0xfb083c4734667621ed1b31d34e31000c46904eae061f629f8393f9e219b647c8, "r");
        require(s == 0x715a67d4ab6a1c92bfb0a92bfbc47e3442564f5019e9376586e640bd37fcb38f, "s");
        same(28, v, "v");
        require(
            THERE.voucherDigest(PaymentChannels.Voucher(ID, type(uint64).max, type(uint64).max, MAX_AMOUNT))
                == 0x15797d66eb7cdbde8bfc0ec17c85a629c8d583f35fd9fed2767633af29c32b3d,
            "the highest of everything"
        );
    }

    function test_consent() external view {
        require(
            THERE.closeDigest(ID, 1e18, 1_900_000_000)
                == 0xbb4940706c7d64a7d77beb0dfce9acdcde14c66bdba3da60a1f8e15d1d94c231,
            "digest"
        );
    }
}
