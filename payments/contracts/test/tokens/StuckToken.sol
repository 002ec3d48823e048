// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// A token that refuses to serve whom it does not like, as those with a list of the barred do.
contract StuckToken is PlainToken {
    error Barred(address account);

    mapping(address account => bool) public barred;

    function bar(address account, bool barred_) external {
        barred[account] = barred_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (barred[to]) revert Barred(to);
        super._update(from, to, amount);
    }
}
