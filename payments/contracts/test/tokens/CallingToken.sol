// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// A token that calls somebody while it moves, and keeps what came of it.
contract CallingToken is PlainToken {
    address public target;
    bytes public data;
    bool public called;
    bool public done;
    bytes public answer;

    function callWhileMoving(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
        called = false;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target != address(0) && from != address(0)) {
            (done, answer) = target.call(data);
            called = true;
        }
    }
}
