// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title One-way payment channels with lanes and cumulative vouchers
/// @notice A payer puts a deposit in escrow for one payee and pays it off chain with signed vouchers. A voucher says
/// what a lane of the channel has paid in total; whoever holds one may redeem it here, as often as they like.
///
/// Redeeming is open to everyone, idempotent, monotone, and does not depend on the order: its only effect is that the
/// payee's credit rises to what the best vouchers say. Vouchers are ordered by amount. Their nonces are kept for whoever
/// looks, and no rule reads them: otherwise a payer could burn the vouchers it gave by redeeming one with the highest.
///
/// The payer gets back what was not redeemed by announcing it (`settle`) and waiting for the channel's challenge
/// period, in which the payee can still redeem. It states no amount, so there is no stale one to close with.
///
/// All money leaves by `withdraw` of whom it belongs to. A recipient or token that fails holds up nobody else. Amounts
/// are counted here, never read from the contract's own balance. There is no owner, no fee, no pause, no upgrade.
///
/// Tokens must keep balances: one that takes a fee when it is pulled is refused, one that changes balances by itself
/// is for its users to avoid, since all who have it here share what it takes.
contract PaymentChannels is EIP712, ReentrancyGuard {
    using SafeERC20 for IERC20;

    /// @notice How a channel was closed.
    enum How {
        COLLECT,
        PAYEE,
        COOPERATIVE
    }

    /// @notice Escrow of one payer for one payee.
    /// @dev Laid out for five storage slots. `status`: 0 none, 1 open, 2 closed; a closed id stays closed for ever.
    /// `challenge` in seconds. `settleAt` in seconds since 1970, 0 while nobody settles. `token` zero: the native coin.
    struct Channel {
        address payer;
        uint32 challenge;
        uint64 settleAt;
        address payee;
        uint8 status;
        address token;
        address signer;
        uint128 deposit;
        uint128 redeemed;
    }

    /// @notice What a lane has paid in total, and the highest nonce of the vouchers that paid something.
    struct Lane {
        uint128 cumulative;
        uint64 nonce;
    }

    /// @notice "On this lane of this channel I owe that much in total", by the channel's signer.
    struct Voucher {
        bytes32 channelId;
        uint64 lane;
        uint64 nonce;
        uint128 cumulativeAmount;
    }

    /// @dev Who may not be the zero address is, or is this contract, which could never withdraw.
    error ZeroAddress();
    error SameParty();
    error ZeroAmount();
    error ChallengeOutOfRange();
    error ChannelExists();
    error ChannelNotOpen();
    error ChannelSettling();
    error NotSettled();
    error WrongValue();
    error TokenAmountMismatch();
    error BadSignature();
    error NotPayer();
    error NotPayee();
    error DeadlinePassed();
    error AmountOutOfRange();
    error InsufficientCredit();
    error TransferFailed();
    error LengthMismatch();
    error BatchTooLarge();
    error WrongChannel();
    error TooLate();

    // Every figure is absolute or comes with one that is: state and credits follow from the logs by setting, not adding.
    event ChannelOpened(
        bytes32 indexed id,
        address indexed payer,
        address indexed payee,
        address token,
        address signer,
        uint128 deposit,
        uint32 challenge,
        bytes32 salt
    );
    event ChannelToppedUp(bytes32 indexed id, uint128 added, uint128 deposit);
    event Redeemed(
        bytes32 indexed id,
        uint64 indexed lane,
        uint64 nonce,
        uint128 cumulative,
        uint128 paid,
        uint128 redeemed,
        uint256 payeeCredit
    );
    event SettleStarted(bytes32 indexed id, address indexed by, uint64 settleAt);
    event ChannelClosed(
        bytes32 indexed id,
        uint128 payeeTotal,
        uint128 refund,
        How how,
        uint256 payerCredit,
        uint256 payeeCredit
    );
    event Withdrawn(address indexed account, address indexed token, address to, uint256 amount, uint256 credit);

    uint8 private constant OPEN = 1;
    uint8 private constant CLOSED = 2;

    address private constant NATIVE = address(0);
    uint256 private constant MAX_BATCH = 64;

    bytes32 private constant VOUCHER_TYPE_HASH =
        keccak256("Voucher(bytes32 channelId,uint64 lane,uint64 nonce,uint128 cumulativeAmount)");
    bytes32 private constant CLOSE_TYPE_HASH =
        keccak256("CloseConsent(bytes32 channelId,uint128 finalRedeemed,uint64 deadline)");

    /// @notice The shortest challenge period a channel may have, in seconds.
    uint32 public immutable minChallenge;
    /// @notice The longest challenge period a channel may have, in seconds.
    uint32 public immutable maxChallenge;

    mapping(bytes32 id => Channel) private _channels;
    mapping(bytes32 id => mapping(uint64 number => Lane)) private _lanes;
    mapping(address token => mapping(address account => uint256)) private _credits;

    constructor(uint32 minChallenge_, uint32 maxChallenge_) EIP712("PaymentChannels", "1") {
        if (minChallenge_ > maxChallenge_) revert ChallengeOutOfRange();
        minChallenge = minChallenge_;
        maxChallenge = maxChallenge_;
    }

    /// @notice Opens a channel of the caller and puts a deposit into it.
    /// @param signer the key whose vouchers count. They are verified by ECDSA alone, whatever code the address carries:
    /// a contract as payer names an ordinary key here
    /// @param token zero for the native coin, of which exactly `amount` comes with the call; otherwise it is pulled
    /// @param salt the payer's choice: it makes the id new, and an id is never used twice
    /// @return id what `channelId` says
    function open(address payee, address signer, address token, uint32 challenge, bytes32 salt, uint128 amount)
        external
        payable
        nonReentrant
        returns (bytes32 id)
    {
        if (payee == address(0) || signer == address(0) || payee == address(this)) revert ZeroAddress();
        if (payee == msg.sender || signer == payee) revert SameParty();
        if (amount == 0) revert ZeroAmount();
        if (challenge < minChallenge || challenge > maxChallenge) revert ChallengeOutOfRange();
        id = channelId(msg.sender, payee, signer, token, challenge, salt);
        Channel storage c = _channels[id];
        if (c.status != 0) revert ChannelExists();

        c.payer = msg.sender;
        c.challenge = challenge;
        c.payee = payee;
        c.status = OPEN;
        c.token = token;
        c.signer = signer;
        c.deposit = amount;
        emit ChannelOpened(id, msg.sender, payee, token, signer, amount, challenge, salt);
        _take(token, amount);
    }

    /// @notice Adds to a channel's deposit, and changes nothing else: no timer, whoever pays.
    function topUp(bytes32 id, uint128 amount) external payable nonReentrant {
        Channel storage c = _opened(id);
        if (c.settleAt != 0) revert ChannelSettling();
        if (amount == 0) revert ZeroAmount();

        uint128 deposit = c.deposit + amount;
        c.deposit = deposit;
        emit ChannelToppedUp(id, amount, deposit);
        _take(c.token, amount);
    }

    /// @notice Credits the payee with what a voucher says beyond what its lane has been paid, as far as the deposit
    /// reaches; the rest can be redeemed after a top-up.
    /// @return paid 0 if the voucher brings nothing: there is no such open channel, its challenge period is over, the
    /// lane has been paid as much, or nothing is left. Then its signature is not looked at
    function redeem(Voucher calldata voucher, bytes calldata signature) external nonReentrant returns (uint128 paid) {
        return _redeem(voucher, signature);
    }

    /// @notice Redeems up to 64 vouchers, of any channels. Those that bring nothing are skipped, so that nobody can
    /// spoil a batch by redeeming one of them first; one that is forged reverts the whole.
    /// @return paid the sum in base units of whatever tokens; 2^128-1 if it is more
    function redeemMany(Voucher[] calldata vouchers, bytes[] calldata signatures)
        external
        nonReentrant
        returns (uint128 paid)
    {
        _checkBatch(vouchers, signatures);
        for (uint256 i = 0; i < vouchers.length; ++i) {
            paid = _saturatingAdd(paid, _redeem(vouchers[i], signatures[i]));
        }
    }

    /// @notice Starts the challenge period, after which the payer gets back what was not redeemed.
    function settle(bytes32 id) external nonReentrant {
        Channel storage c = _opened(id);
        if (msg.sender != c.payer) revert NotPayer();
        if (c.settleAt != 0) revert ChannelSettling();

        uint64 settleAt = uint64(block.timestamp) + c.challenge;
        c.settleAt = settleAt;
        emit SettleStarted(id, msg.sender, settleAt);
    }

    /// @notice Closes a channel whose challenge period is over. Anyone may, and only the two parties gain by it.
    function collect(bytes32 id) external nonReentrant {
        Channel storage c = _opened(id);
        if (!_isOver(c)) revert NotSettled();
        _close(id, c, How.COLLECT);
    }

    /// @notice Closes a channel at once: the payee is the only one who could lose by that.
    function closeByPayee(bytes32 id) external nonReentrant {
        _close(id, _openedOfPayee(id), How.PAYEE);
    }

    /// @notice Redeems vouchers of one channel and closes it.
    /// @dev Refused once the challenge period is over: the vouchers would bring nothing then, and closing would burn them.
    /// @return paid what the vouchers brought
    function redeemAndClose(Voucher[] calldata vouchers, bytes[] calldata signatures, bytes32 id)
        external
        nonReentrant
        returns (uint128 paid)
    {
        Channel storage c = _openedOfPayee(id);
        if (_isOver(c)) revert TooLate();
        _checkBatch(vouchers, signatures);
        for (uint256 i = 0; i < vouchers.length; ++i) {
            if (vouchers[i].channelId != id) revert WrongChannel();
            paid += _redeem(vouchers[i], signatures[i]); // at most the deposit
        }
        _close(id, c, How.PAYEE);
    }

    /// @notice Closes a channel at once with the total that the payee agrees to.
    /// @param finalRedeemed what the payee gets of this channel in all, not less than what was redeemed
    /// @param deadline until which second, inclusive, the consent is good
    /// @param payeeSignature by the payee's own key over `closeDigest`
    function closeCooperative(bytes32 id, uint128 finalRedeemed, uint64 deadline, bytes calldata payeeSignature)
        external
        nonReentrant
    {
        Channel storage c = _opened(id);
        if (msg.sender != c.payer) revert NotPayer();
        if (block.timestamp > deadline) revert DeadlinePassed();
        uint128 redeemed = c.redeemed;
        if (finalRedeemed < redeemed || finalRedeemed > c.deposit) revert AmountOutOfRange();
        _checkSignature(c.payee, closeDigest(id, finalRedeemed, deadline), payeeSignature);

        c.redeemed = finalRedeemed;
        _credits[c.token][c.payee] += finalRedeemed - redeemed;
        _close(id, c, How.COOPERATIVE);
    }

    /// @notice Pays out credit of the caller.
    /// @param token zero for the native coin
    /// @param to any account but zero and this contract
    function withdraw(address token, address to, uint256 amount) external nonReentrant {
        if (to == address(0) || to == address(this)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        uint256 credited = _credits[token][msg.sender];
        if (amount > credited) revert InsufficientCredit();

        _credits[token][msg.sender] = credited - amount;
        emit Withdrawn(msg.sender, token, to, amount, credited - amount);
        if (token == NATIVE) {
            (bool done,) = to.call{value: amount}("");
            if (!done) revert TransferFailed();
        } else {
            IERC20(token).safeTransfer(to, amount);
        }
    }

    /// @notice A channel as it stands; all zero if there never was one of that id.
    function channel(bytes32 id) external view returns (Channel memory) {
        return _channels[id];
    }

    /// @notice A lane as it stands; zero if nothing was ever paid on it.
    function lane(bytes32 id, uint64 laneNumber) external view returns (Lane memory) {
        return _lanes[id][laneNumber];
    }

    /// @notice What an account can withdraw of a token; `token` zero for the native coin.
    function credit(address token, address account) external view returns (uint256) {
        return _credits[token][account];
    }

    /// @notice The id of a channel with these parameters, here on this chain: an id proves what it stands for.
    function channelId(
        address payer,
        address payee,
        address signer,
        address token,
        uint32 challenge,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), payer, payee, signer, token, challenge, salt));
    }

    /// @notice What the channel's signer signs of a voucher.
    function voucherDigest(Voucher calldata voucher) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    VOUCHER_TYPE_HASH, voucher.channelId, voucher.lane, voucher.nonce, voucher.cumulativeAmount
                )
            )
        );
    }

    /// @notice What the payee signs to close a channel together.
    function closeDigest(bytes32 id, uint128 finalRedeemed, uint64 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CLOSE_TYPE_HASH, id, finalRedeemed, deadline)));
    }

    function _redeem(Voucher calldata voucher, bytes calldata signature) private returns (uint128 paid) {
        bytes32 id = voucher.channelId;
        Channel storage c = _channels[id];
        if (c.status != OPEN || _isOver(c)) return 0;
        Lane storage l = _lanes[id][voucher.lane];
        uint128 cumulative = l.cumulative;
        if (voucher.cumulativeAmount <= cumulative) return 0;
        uint128 redeemed = c.redeemed;
        uint128 left = c.deposit - redeemed;
        if (left == 0) return 0;
        _checkSignature(c.signer, voucherDigest(voucher), signature);

        paid = voucher.cumulativeAmount - cumulative;
        if (paid > left) paid = left;
        // By what is paid, not to what is owed: so the rest of the voucher stays good.
        cumulative += paid;
        redeemed += paid;
        l.cumulative = cumulative;
        if (voucher.nonce > l.nonce) l.nonce = voucher.nonce;
        c.redeemed = redeemed;
        uint256 payeeCredit = _credits[c.token][c.payee] + paid;
        _credits[c.token][c.payee] = payeeCredit;
        emit Redeemed(id, voucher.lane, l.nonce, cumulative, paid, redeemed, payeeCredit);
    }

    function _close(bytes32 id, Channel storage c, How how) private {
        uint128 redeemed = c.redeemed;
        uint128 refund = c.deposit - redeemed;
        address token = c.token;
        c.status = CLOSED;
        uint256 payerCredit = _credits[token][c.payer] + refund;
        _credits[token][c.payer] = payerCredit;
        emit ChannelClosed(id, redeemed, refund, how, payerCredit, _credits[token][c.payee]);
    }

    /// @dev Comes last, when all is written down: a token is foreign code.
    function _take(address token, uint128 amount) private {
        if (token == NATIVE) {
            if (msg.value != amount) revert WrongValue();
            return;
        }
        if (msg.value != 0) revert WrongValue();
        if (token.code.length == 0) revert SafeERC20.SafeERC20FailedOperation(token);
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 afterwards = IERC20(token).balanceOf(address(this));
        if (afterwards < before || afterwards - before != amount) revert TokenAmountMismatch();
    }

    function _opened(bytes32 id) private view returns (Channel storage c) {
        c = _channels[id];
        if (c.status != OPEN) revert ChannelNotOpen();
    }

    function _openedOfPayee(bytes32 id) private view returns (Channel storage c) {
        c = _opened(id);
        if (msg.sender != c.payee) revert NotPayee();
    }

    function _isOver(Channel storage c) private view returns (bool) {
        uint64 settleAt = c.settleAt;
        return settleAt != 0 && block.timestamp >= settleAt;
    }

    function _checkBatch(Voucher[] calldata vouchers, bytes[] calldata signatures) private pure {
        if (vouchers.length != signatures.length) revert LengthMismatch();
        if (vouchers.length > MAX_BATCH) revert BatchTooLarge();
    }

    /// @dev ECDSA alone, never ERC-1271: code placed at the signer's address later must not undo what it signed.
    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) private pure {
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (recovered != signer) revert BadSignature(); // what cannot be recovered is zero, and no signer is
    }

    function _saturatingAdd(uint128 a, uint128 b) private pure returns (uint128) {
        unchecked {
            uint128 sum = a + b;
            return sum < a ? type(uint128).max : sum;
        }
    }
}
