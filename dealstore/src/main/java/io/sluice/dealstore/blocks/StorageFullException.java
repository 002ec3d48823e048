package io.sluice.dealstore.blocks;

import java.io.IOException;

/** A block was not written since the disk has too little room left; code {@code STORAGE_FULL}. */
public final class StorageFullException extends IOException {
  StorageFullException(String message) {
    super(message);
  }
}
