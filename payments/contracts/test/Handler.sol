// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {PaymentChannels} from "../src/PaymentChannels.sol";
import {LogBook} from "./LogBook.sol";
import {Model} from "./Model.sol";
import {Vm, vm} from "./Vm.sol";
import {CallingToken} from "./tokens/CallingToken.sol";
import {FalseToken} from "./tokens/FalseToken.sol";
import {FeeToken} from "./tokens/FeeToken.sol";
import {PlainToken} from "./tokens/PlainToken.sol";
import {SilentToken} from "./tokens/SilentToken.sol";
import {StuckToken} from "./tokens/StuckToken.sol";

/// Does what people may do, in any order, sensible or not: each call happens in the contract and in the model, and has
/// to end alike. All numbers are drawn from one seed.
contract Handler {
    uint256 private constant PARTIES = 3;
    uint64 public constant LANES = 3;
    uint32 private constant CHALLENGE = 1000;

    PaymentChannels public immutable channels;
    Model public immutable model = new Model();
    LogBook public immutable logs = new LogBook();
    address[] public tokens;
    CallingToken private immutable calling = new CallingToken();
    StuckToken private immutable stuck = new StuckToken();
    address private immutable fee = address(new FeeToken());
    address private immutable falseToken = address(new FalseToken());

    bytes32[] public ids;
    address[] public accounts;
    mapping(address account => uint256) private keys;
    PaymentChannels.Voucher[] private vouchers;
    bytes[] private signatures;
    /// By what happened how often: a run in which nothing happens proves nothing.
    mapping(string what => uint256) public happened;

    // What must not go back, as it was after the last call: C5, C10, C11 and C12.
    mapping(bytes32 id => PaymentChannels.Channel) private lastChannel;
    mapping(bytes32 id => mapping(uint64 number => PaymentChannels.Lane)) private lastLane;
    mapping(address token => mapping(address account => uint256)) private lastCredit;

    uint256 private seed;
    address private sender;

    constructor(PaymentChannels channels_) {
        channels = channels_;
        tokens = [
            address(0),
            address(new PlainToken()),
            address(new SilentToken()),
            address(stuck),
            address(calling),
            fee,
            falseToken
        ];
        for (uint256 i = 0; i < 2 * PARTIES; ++i) {
            uint256 key = uint256(keccak256(abi.encode("party", i)));
            address account = vm.addr(key);
            keys[account] = key;
            accounts.push(account);
            vm.deal(account, 1 << 100);
            for (uint256 t = 1; t < tokens.length; ++t) {
                PlainToken(tokens[t]).mint(account, 1 << 100);
                vm.prank(account);
                PlainToken(tokens[t]).approve(address(channels), type(uint256).max);
            }
        }
    }

    // Drawing

    modifier drawn(uint256 seed_) {
        seed = seed_;
        _;
        watch();
    }

    function draw(uint256 below) private returns (uint256) {
        seed = uint256(keccak256(abi.encode(seed)));
        return seed % below;
    }

    function anyone() private returns (address) {
        return accounts[draw(accounts.length)];
    }

    function aChannel() private returns (bytes32) {
        return ids.length == 0 || draw(50) == 0 ? bytes32(draw(99)) : ids[draw(ids.length)];
    }

    /// Mostly the one it takes.
    function mostly(address account) private returns (address) {
        return account == address(0) || draw(6) == 0 ? anyone() : account;
    }

    function aVoucher(bytes32 id) private returns (PaymentChannels.Voucher memory v, bytes memory signature) {
        PaymentChannels.Channel memory c = channels.channel(id);
        uint64 lane = uint64(draw(LANES));
        uint256 more = draw(10) == 0 ? draw(1 << 127) : draw(60);
        v = PaymentChannels.Voucher(id, lane, uint64(draw(20)), uint128(model.lane(id, lane) / (1 + draw(2)) + more));
        (uint8 y, bytes32 r, bytes32 s) = vm.sign(keyOf(c.signer), channels.voucherDigest(v));
        signature = abi.encodePacked(r, s, y);
    }

    function keyOf(address account) private view returns (uint256) {
        return keys[account] == 0 ? 1 : keys[account];
    }

    // Calling

    function as_(address account) private {
        sender = account;
    }

    function call(bytes memory data, uint256 value) private returns (bool done, bytes memory answer) {
        vm.recordLogs();
        vm.prank(sender);
        (done, answer) = address(channels).call{value: value}(data);
        Vm.Log[] memory found = vm.getRecordedLogs();
        if (!done) return (done, answer); // logs of a call that failed are none, though they are recorded
        for (uint256 i = 0; i < found.length; ++i) {
            if (found[i].emitter == address(channels)) logs.read(found[i]);
        }
    }

    /// The call has to end as the model says.
    function agree(string memory what, bytes memory data, uint256 value, bytes4 expected) private returns (bytes memory) {
        (bool done, bytes memory answer) = call(data, value);
        if (expected == 0) {
            require(done, string.concat(what, " failed"));
            ++happened[what];
        } else {
            require(!done && bytes4(answer) == expected, string.concat(what, " did not fail as it should"));
            ++happened["refused"];
        }
        return answer;
    }

    // What people do

    function open(uint256 seed_) external drawn(seed_) {
        address payer = accounts[draw(PARTIES)];
        address payee = accounts[PARTIES + draw(PARTIES)];
        address signer = draw(4) == 0 ? accounts[draw(PARTIES)] : payer;
        address token = tokens[draw(tokens.length)];
        uint128 amount = uint128(draw(20) == 0 ? draw(2) : draw(200));
        bytes32 salt = bytes32(draw(6)); // few, so that some come again
        bytes32 id = channels.channelId(payer, payee, signer, token, CHALLENGE, salt);
        bytes4 expected;
        if (amount > 0 && token == fee) expected = PaymentChannels.TokenAmountMismatch.selector;
        else if (amount > 0 && token == falseToken) expected = SafeERC20.SafeERC20FailedOperation.selector;
        else expected = model.open(id, payer, payee, token, CHALLENGE, amount);
        as_(payer);
        agree(
            "open",
            abi.encodeCall(channels.open, (payee, signer, token, CHALLENGE, salt, amount)),
            token == address(0) ? amount : 0,
            expected
        );
        if (expected == 0) ids.push(id);
    }

    function topUp(uint256 seed_) external drawn(seed_) {
        bytes32 id = aChannel();
        uint128 amount = uint128(draw(60));
        as_(anyone());
        address token = channels.channel(id).token;
        agree("top-up", abi.encodeCall(channels.topUp, (id, amount)), token == address(0) ? amount : 0, model.topUp(id, amount));
    }

    function redeem(uint256 seed_) external drawn(seed_) {
        (PaymentChannels.Voucher memory v, bytes memory signature) = aVoucher(aChannel());
        uint256 expected = model.redeem(v);
        as_(anyone());
        bytes memory answer = agree("redeem", abi.encodeCall(channels.redeem, (v, signature)), 0, 0);
        require(abi.decode(answer, (uint128)) == expected, "paid another amount");
        vouchers.push(v);
        signatures.push(signature);
        if (expected > 0) ++happened["paid"];
    }

    /// C6: what was redeemed brings nothing again, unless the deposit fell short of it.
    function redeemAgain(uint256 seed_) external drawn(seed_) {
        if (vouchers.length == 0) return;
        uint256 i = draw(vouchers.length);
        uint256 expected = model.redeem(vouchers[i]);
        as_(anyone());
        bytes memory answer = agree("redeem again", abi.encodeCall(channels.redeem, (vouchers[i], signatures[i])), 0, 0);
        require(abi.decode(answer, (uint128)) == expected, "paid another amount");
        (, answer) = call(abi.encodeCall(channels.redeem, (vouchers[i], signatures[i])), 0);
        require(abi.decode(answer, (uint128)) == 0, "C6: paid twice");
    }

    function redeemMany(uint256 seed_) external drawn(seed_) {
        PaymentChannels.Voucher[] memory batch = new PaymentChannels.Voucher[](draw(6));
        bytes[] memory signed = new bytes[](batch.length);
        uint256 expected;
        for (uint256 i = 0; i < batch.length; ++i) {
            (batch[i], signed[i]) = aVoucher(aChannel());
            expected += model.redeem(batch[i]);
        }
        as_(anyone());
        bytes memory answer = agree("redeem many", abi.encodeCall(channels.redeemMany, (batch, signed)), 0, 0);
        require(abi.decode(answer, (uint128)) == expected, "paid another amount");
    }

    function forge(uint256 seed_) external drawn(seed_) {
        (PaymentChannels.Voucher memory v, bytes memory signature) = aVoucher(aChannel());
        v.cumulativeAmount += 1;
        as_(anyone());
        bytes4 expected = model.worth(v) > 0 ? PaymentChannels.BadSignature.selector : bytes4(0);
        agree("forge", abi.encodeCall(channels.redeem, (v, signature)), 0, expected);
    }

    function settle(uint256 seed_) external drawn(seed_) {
        if (draw(3) > 0) return; // or there would be nothing but channels that settle
        bytes32 id = aChannel();
        as_(mostly(channels.channel(id).payer));
        agree("settle", abi.encodeCall(channels.settle, (id)), 0, model.settle(id, sender));
    }

    function collect(uint256 seed_) external drawn(seed_) {
        bytes32 id = aChannel();
        for (uint256 i = 0; i < 8 && !model.isOver(id); ++i) id = aChannel();
        as_(anyone());
        agree("collect", abi.encodeCall(channels.collect, (id)), 0, model.collect(id));
    }

    function closeByPayee(uint256 seed_) external drawn(seed_) {
        if (draw(4) > 0) return;
        bytes32 id = aChannel();
        as_(mostly(channels.channel(id).payee));
        bytes4 expected = model.closeByPayee(id, sender, new PaymentChannels.Voucher[](0), false);
        agree("close by payee", abi.encodeCall(channels.closeByPayee, (id)), 0, expected);
    }

    function redeemAndClose(uint256 seed_) external drawn(seed_) {
        if (draw(4) > 0) return;
        bytes32 id = aChannel();
        PaymentChannels.Voucher[] memory batch = new PaymentChannels.Voucher[](draw(3));
        bytes[] memory signed = new bytes[](batch.length);
        for (uint256 i = 0; i < batch.length; ++i) (batch[i], signed[i]) = aVoucher(draw(10) == 0 ? aChannel() : id);
        as_(mostly(channels.channel(id).payee));
        bytes4 expected = model.closeByPayee(id, sender, batch, true);
        agree("redeem and close", abi.encodeCall(channels.redeemAndClose, (batch, signed, id)), 0, expected);
    }

    function closeCooperative(uint256 seed_) external drawn(seed_) {
        if (draw(3) > 0) return;
        bytes32 id = aChannel();
        PaymentChannels.Channel memory c = channels.channel(id);
        uint128 total = uint128(c.redeemed + draw(1 + c.deposit - c.redeemed));
        if (draw(6) == 0) total = uint128(draw(300));
        uint64 deadline = uint64(block.timestamp + draw(20) - (draw(10) == 0 ? 20 : 0));
        as_(mostly(c.payer));
        (uint8 y, bytes32 r, bytes32 s) = vm.sign(keyOf(c.payee), channels.closeDigest(id, total, deadline));
        bytes4 expected = model.closeCooperative(id, sender, total, deadline);
        bytes memory data = abi.encodeCall(channels.closeCooperative, (id, total, deadline, abi.encodePacked(r, s, y)));
        agree("close together", data, 0, expected);
    }

    function withdraw(uint256 seed_) external drawn(seed_) {
        address token = tokens[draw(tokens.length)];
        as_(anyone());
        uint256 credit = channels.credit(token, sender);
        uint256 amount = draw(10) == 0 ? credit + draw(3) : draw(credit + 1);
        address to = anyone();
        if (token == address(stuck) && amount > 0 && amount <= credit && stuck.barred(to)) {
            agree("withdraw", abi.encodeCall(channels.withdraw, (token, to, amount)), 0, StuckToken.Barred.selector);
            return;
        }
        bytes4 expected = model.withdraw(token, sender, amount);
        if (expected == 0) lastCredit[token][sender] -= amount;
        agree("withdraw", abi.encodeCall(channels.withdraw, (token, to, amount)), 0, expected);
    }

    function bar(uint256 seed_) external drawn(seed_) {
        stuck.bar(anyone(), draw(2) == 0);
    }

    /// The token will call the contract the next time it moves, and must find it shut.
    function enter(uint256 seed_) external drawn(seed_) {
        if (calling.called()) {
            require(bytes4(calling.answer()) == ReentrancyGuard.ReentrancyGuardReentrantCall.selector, "open to a caller");
            ++happened["entered"];
        }
        bytes32 id = aChannel();
        (PaymentChannels.Voucher memory v, bytes memory signature) = aVoucher(id);
        bytes[4] memory doors = [
            abi.encodeCall(channels.redeem, (v, signature)),
            abi.encodeCall(channels.collect, (id)),
            abi.encodeCall(channels.topUp, (id, 1)),
            abi.encodeCall(channels.withdraw, (address(calling), address(calling), 1))
        ];
        calling.callWhileMoving(address(channels), doors[draw(doors.length)]);
    }

    /// Money that nobody asked for.
    function force(uint256 seed_) external drawn(seed_) {
        vm.deal(address(channels), address(channels).balance + draw(100));
        PlainToken(tokens[1]).mint(address(channels), draw(100));
    }

    function wait(uint256 seed_) external drawn(seed_) {
        vm.warp(block.timestamp + draw(CHALLENGE / 2));
    }

    // Watching

    function watch() private {
        for (uint256 i = 0; i < ids.length; ++i) {
            bytes32 id = ids[i];
            PaymentChannels.Channel memory now_ = channels.channel(id);
            PaymentChannels.Channel storage was = lastChannel[id];
            require(now_.redeemed >= was.redeemed, "C5: redeemed went down");
            require(was.settleAt == 0 || now_.settleAt == was.settleAt, "C10: settleAt moved");
            require(now_.settleAt == was.settleAt || sender == now_.payer, "C10: settled by another");
            require(was.status != 2 || now_.status == 2, "C11: a closed channel is open");
            for (uint64 n = 0; n < LANES; ++n) {
                PaymentChannels.Lane memory l = channels.lane(id, n);
                require(
                    l.cumulative >= lastLane[id][n].cumulative && l.nonce >= lastLane[id][n].nonce,
                    "C5: a lane went down"
                );
                lastLane[id][n] = l;
            }
            lastChannel[id] = now_;
        }
        for (uint256 t = 0; t < tokens.length; ++t) {
            for (uint256 a = 0; a < accounts.length; ++a) {
                uint256 credit = channels.credit(tokens[t], accounts[a]);
                require(credit >= lastCredit[tokens[t]][accounts[a]], "C12: a credit went down by itself");
                lastCredit[tokens[t]][accounts[a]] = credit;
            }
        }
    }

    function channelCount() external view returns (uint256) {
        return ids.length;
    }

    function tokenCount() external view returns (uint256) {
        return tokens.length;
    }

    function accountCount() external view returns (uint256) {
        return accounts.length;
    }
}
