// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";
import {Vm} from "./Vm.sol";

/// Channels, lanes and credits as somebody knows them who has nothing but the contract's logs: each log sets figures,
/// none is added to another.
contract LogBook {
    mapping(bytes32 id => PaymentChannels.Channel) private channels;
    mapping(bytes32 id => mapping(uint64 number => PaymentChannels.Lane)) private lanes;
    mapping(address token => mapping(address account => uint256)) public credit;

    function channel(bytes32 id) external view returns (PaymentChannels.Channel memory) {
        return channels[id];
    }

    function lane(bytes32 id, uint64 number) external view returns (PaymentChannels.Lane memory) {
        return lanes[id][number];
    }

    function read(Vm.Log calldata log) external {
        bytes32 kind = log.topics[0];
        PaymentChannels.Channel storage c = channels[log.topics[1]];
        if (kind == PaymentChannels.ChannelOpened.selector) {
            c.payer = account(log.topics[2]);
            c.payee = account(log.topics[3]);
            c.status = 1;
            (c.token, c.signer, c.deposit, c.challenge,) =
                abi.decode(log.data, (address, address, uint128, uint32, bytes32));
        } else if (kind == PaymentChannels.ChannelToppedUp.selector) {
            (, c.deposit) = abi.decode(log.data, (uint128, uint128));
        } else if (kind == PaymentChannels.Redeemed.selector) {
            PaymentChannels.Lane storage l = lanes[log.topics[1]][uint64(uint256(log.topics[2]))];
            (l.nonce, l.cumulative,, c.redeemed, credit[c.token][c.payee]) =
                abi.decode(log.data, (uint64, uint128, uint128, uint128, uint256));
        } else if (kind == PaymentChannels.SettleStarted.selector) {
            require(account(log.topics[2]) == c.payer, "settled by another than the payer");
            c.settleAt = abi.decode(log.data, (uint64));
        } else if (kind == PaymentChannels.ChannelClosed.selector) {
            uint128 refund;
            (c.redeemed, refund,, credit[c.token][c.payer], credit[c.token][c.payee]) =
                abi.decode(log.data, (uint128, uint128, uint8, uint256, uint256));
            c.status = 2;
            require(c.redeemed + refund == c.deposit, "C15: refund and the payee's total are the deposit");
        } else if (kind == PaymentChannels.Withdrawn.selector) {
            (,, credit[account(log.topics[2])][account(log.topics[1])]) =
                abi.decode(log.data, (address, uint256, uint256));
        } else {
            revert("a log that nobody knows");
        }
    }

    function account(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}
