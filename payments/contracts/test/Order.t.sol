// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {ChannelTest} from "./ChannelTest.sol";
import {vm} from "./Vm.sol";

/// Redeeming is idempotent and does not depend on the order: C6, C7 and C8.
contract OrderTest is ChannelTest {
    uint256 private constant VOUCHERS = 8;
    uint64 private constant LANES = 3;

    bytes32 private id;
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;

    /// Some vouchers, of which the best together come to more than the deposit or not.
    function make(uint256 seed, uint128 deposit) private {
        id = open(deposit);
        for (uint256 i = 0; i < VOUCHERS; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            (PaymentChannels.Voucher memory v, bytes memory signature) =
                voucher(id, uint64(drawn % LANES), uint64(drawn >> 64) % 10, uint128(1 + (drawn >> 128) % 100));
            vouchers.push(v);
            signatures.push(signature);
        }
    }

    function shuffle(uint256 seed) private {
        for (uint256 i = VOUCHERS - 1; i > 0; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, "order", i))) % (i + 1);
            // By way of memory: swapped in storage, one of the two would be lost.
            PaymentChannels.Voucher memory v = vouchers[i];
            bytes memory signature = signatures[i];
            vouchers[i] = vouchers[j];
            signatures[i] = signatures[j];
            vouchers[j] = v;
            signatures[j] = signature;
        }
    }

    function isBest(uint256 i) private view returns (bool) {
        for (uint256 j = 0; j < VOUCHERS; ++j) {
            if (vouchers[j].lane == vouchers[i].lane && vouchers[j].cumulativeAmount > vouchers[i].cumulativeAmount) {
                return false;
            }
        }
        return true;
    }

    function best(uint64 lane) private view returns (uint128 most) {
        for (uint256 i = 0; i < VOUCHERS; ++i) {
            if (vouchers[i].lane == lane && vouchers[i].cumulativeAmount > most) most = vouchers[i].cumulativeAmount;
        }
    }

    function redeemAll(bool bestOnly) private {
        for (uint256 i = 0; i < VOUCHERS; ++i) {
            if (!bestOnly || isBest(i)) channels.redeem(vouchers[i], signatures[i]);
        }
    }

    function compare(uint128 deposit) private view {
        uint256 total;
        for (uint64 lane = 0; lane < LANES; ++lane) total += best(lane);
        uint128 expected = total < deposit ? uint128(total) : deposit;
        check(id, expected, 0, expected);
        if (total <= deposit) {
            for (uint64 lane = 0; lane < LANES; ++lane) same(best(lane), channels.lane(id, lane).cumulative, "lane");
        }
    }

    function test_anyOrderComesToTheSame(uint256 seed, uint128 room) external {
        uint128 deposit = 1 + room % 300;
        make(seed, deposit);
        uint256 before = vm.snapshotState();
        redeemAll(false);
        compare(deposit);
        vm.revertToState(before);
        shuffle(seed);
        redeemAll(false);
        compare(deposit);
    }

    function test_theBestAreEnough(uint256 seed) external {
        make(seed, 300);
        redeemAll(true);
        compare(300);
    }

    function test_againChangesNothing(uint256 seed, uint128 room) external {
        uint128 deposit = 1 + room % 300;
        make(seed, deposit);
        redeemAll(false);
        bytes32 after1 = keccak256(state());
        for (uint256 i = 0; i < VOUCHERS; ++i) same(0, channels.redeem(vouchers[i], signatures[i]), "paid again");
        same(0, channels.redeemMany(vouchers, signatures), "paid again");
        require(keccak256(state()) == after1, "something changed");
    }

    function state() private view returns (bytes memory) {
        PaymentChannels.Lane[] memory lanes = new PaymentChannels.Lane[](LANES);
        for (uint64 lane = 0; lane < LANES; ++lane) lanes[lane] = channels.lane(id, lane);
        return abi.encode(channels.channel(id), lanes, channels.credit(NATIVE, payee), channels.credit(NATIVE, payer));
    }
}
