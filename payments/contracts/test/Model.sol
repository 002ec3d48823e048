// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PaymentChannels} from "../src/PaymentChannels.sol";

/// The rules of the contract once more, in the plainest way: what a call should do, or the error it should fail with.
/// Nothing in it is packed, guarded or cheap.
contract Model {
    struct Book {
        address payer;
        address payee;
        address token;
        uint256 challenge;
        uint256 deposit;
        uint256 redeemed;
        uint256 settleAt;
        bool open;
        bool byConsent;
        bool known;
    }

    mapping(bytes32 id => Book) private books;
    mapping(bytes32 id => mapping(uint64 number => uint256)) public lane;
    mapping(bytes32 id => mapping(uint64 number => uint64)) public nonce;
    mapping(address token => mapping(address account => uint256)) public credit;
    mapping(address token => uint256) public accepted;
    mapping(address token => uint256) public withdrawn;
    bytes4 private constant FINE = 0;

    function book(bytes32 id) external view returns (Book memory) {
        return books[id];
    }

    function open(bytes32 id, address payer, address payee, address token, uint256 challenge, uint256 amount)
        external
        returns (bytes4)
    {
        if (amount == 0) return PaymentChannels.ZeroAmount.selector;
        if (books[id].known) return PaymentChannels.ChannelExists.selector;
        books[id] = Book(payer, payee, token, challenge, amount, 0, 0, true, false, true);
        accepted[token] += amount;
        return FINE;
    }

    function topUp(bytes32 id, uint256 amount) external returns (bytes4) {
        Book storage b = books[id];
        if (!b.open) return PaymentChannels.ChannelNotOpen.selector;
        if (b.settleAt != 0) return PaymentChannels.ChannelSettling.selector;
        if (amount == 0) return PaymentChannels.ZeroAmount.selector;
        b.deposit += amount;
        accepted[b.token] += amount;
        return FINE;
    }

    function isOver(bytes32 id) public view returns (bool) {
        return books[id].settleAt != 0 && block.timestamp >= books[id].settleAt;
    }

    function worth(PaymentChannels.Voucher memory v) public view returns (uint256) {
        Book storage b = books[v.channelId];
        uint256 before = lane[v.channelId][v.lane];
        if (!b.open || isOver(v.channelId) || v.cumulativeAmount <= before) return 0;
        uint256 more = v.cumulativeAmount - before;
        uint256 left = b.deposit - b.redeemed;
        return more < left ? more : left;
    }

    function redeem(PaymentChannels.Voucher memory v) public returns (uint256 paid) {
        paid = worth(v);
        if (paid == 0) return 0;
        Book storage b = books[v.channelId];
        lane[v.channelId][v.lane] += paid;
        if (v.nonce > nonce[v.channelId][v.lane]) nonce[v.channelId][v.lane] = v.nonce;
        b.redeemed += paid;
        credit[b.token][b.payee] += paid;
    }

    function settle(bytes32 id, address by) external returns (bytes4) {
        Book storage b = books[id];
        if (!b.open) return PaymentChannels.ChannelNotOpen.selector;
        if (by != b.payer) return PaymentChannels.NotPayer.selector;
        if (b.settleAt != 0) return PaymentChannels.ChannelSettling.selector;
        b.settleAt = block.timestamp + b.challenge;
        return FINE;
    }

    function collect(bytes32 id) external returns (bytes4) {
        if (!books[id].open) return PaymentChannels.ChannelNotOpen.selector;
        if (!isOver(id)) return PaymentChannels.NotSettled.selector;
        close(id);
        return FINE;
    }

    function closeByPayee(bytes32 id, address by, PaymentChannels.Voucher[] memory vouchers, bool redeeming)
        external
        returns (bytes4)
    {
        if (!books[id].open) return PaymentChannels.ChannelNotOpen.selector;
        if (by != books[id].payee) return PaymentChannels.NotPayee.selector;
        if (redeeming && isOver(id)) return PaymentChannels.TooLate.selector;
        for (uint256 i = 0; i < vouchers.length; ++i) {
            if (vouchers[i].channelId != id) return PaymentChannels.WrongChannel.selector;
        }
        for (uint256 i = 0; i < vouchers.length; ++i) redeem(vouchers[i]);
        close(id);
        return FINE;
    }

    function closeCooperative(bytes32 id, address by, uint256 total, uint256 deadline) external returns (bytes4) {
        Book storage b = books[id];
        if (!b.open) return PaymentChannels.ChannelNotOpen.selector;
        if (by != b.payer) return PaymentChannels.NotPayer.selector;
        if (block.timestamp > deadline) return PaymentChannels.DeadlinePassed.selector;
        if (total < b.redeemed || total > b.deposit) return PaymentChannels.AmountOutOfRange.selector;
        credit[b.token][b.payee] += total - b.redeemed;
        b.redeemed = total;
        b.byConsent = true;
        close(id);
        return FINE;
    }

    function withdraw(address token, address by, uint256 amount) external returns (bytes4) {
        if (amount == 0) return PaymentChannels.ZeroAmount.selector;
        if (amount > credit[token][by]) return PaymentChannels.InsufficientCredit.selector;
        credit[token][by] -= amount;
        withdrawn[token] += amount;
        return FINE;
    }

    function close(bytes32 id) private {
        books[id].open = false;
        credit[books[id].token][books[id].payer] += books[id].deposit - books[id].redeemed;
    }
}
