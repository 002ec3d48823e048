package io.sluice.dealstore.blocks;

import io.sluice.protocol.car.CarEntry;

/** A block's place: the file and where in it. */
record BlockPlace(BlockFile file, CarEntry entry) {}
