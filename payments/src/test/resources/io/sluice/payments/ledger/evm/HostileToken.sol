// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// A token for tests that is honest until it is told how to behave.
contract HostileToken {
    enum Manner {
        Honest,
        TakesAFee,
        AddsAGift,
        SaysFalse,
        MovesNothing,
        Fails
    }

    Manner public manner;
    uint256 public percent = 100;
    bytes public symbolAnswer;
    bytes public decimalsAnswer;
    address public called;
    bytes public calling;
    bool public callDone;
    mapping(address => uint256) private shares;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor() {
        shares[msg.sender] = 1_000_000_000;
        symbolAnswer = abi.encode("HST");
        decimalsAnswer = abi.encode(6);
    }

    function behave(Manner manner_) external {
        manner = manner_;
    }

    /// Everybody's balance becomes that part of what it was.
    function rebase(uint256 percent_) external {
        percent = percent_;
    }

    /// What it says of itself, word for word.
    function describe(bytes calldata symbol_, bytes calldata decimals_) external {
        symbolAnswer = symbol_;
        decimalsAnswer = decimals_;
    }

    /// Makes that call while it moves.
    function callWhileMoving(address called_, bytes calldata calling_) external {
        called = called_;
        calling = calling_;
    }

    function symbol() external view {
        answer(symbolAnswer);
    }

    function decimals() external view {
        answer(decimalsAnswer);
    }

    function answer(bytes memory words) private pure {
        assembly {
            return(add(words, 32), mload(words))
        }
    }

    function balanceOf(address account) public view returns (uint256) {
        return shares[account] * percent / 100;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        require(allowance[from][msg.sender] >= amount, "not approved");
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) private returns (bool) {
        if (manner == Manner.Fails) revert("no");
        if (manner == Manner.SaysFalse) return false;
        if (manner == Manner.MovesNothing) return true;
        uint256 moved = amount * 100 / percent;
        require(shares[from] >= moved, "too little");
        shares[from] -= moved;
        shares[to] += moved;
        if (manner == Manner.TakesAFee) shares[to] -= 1;
        if (manner == Manner.AddsAGift) shares[to] += 1;
        if (called != address(0)) (callDone,) = called.call(calling);
        return true;
    }
}
