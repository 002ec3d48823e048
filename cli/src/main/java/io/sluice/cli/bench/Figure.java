package io.sluice.cli.bench;

import java.util.Locale;

/** What is measured of a run; the order is that of the tables' rows. */
enum Figure {
  /** From Enter to exit; of several clients from the first Enter to the last exit. */
  WALL("wallSeconds", "Enter to exit, s", "%.2f"),

  /** All content over that time. */
  RATE("mibPerSecond", "MiB/s, whole command", "%.1f"),

  /** Content over the time between the first and the last byte of it. */
  TRANSFER("transferMibPerSecond", "MiB/s, first to last byte", "%.1f"),

  /** From the start of the retrieval inside the command, which is later than Enter. */
  FIRST_BYTE("firstByteMillis", "first byte, ms", "%.0f"),

  /** Blocks over the time between first and last byte. */
  BLOCKS("blocksPerSecond", "blocks/s, first to last byte", "%.0f"),

  /** Of all clients' processes, launcher and running node included. */
  CLIENT_CPU("clientCpuSeconds", "client CPU, s", "%.2f"),

  /** The same for each GiB of content. */
  CLIENT_CPU_PER_GIB("clientCpuSecondsPerGib", "client CPU, s/GiB", "%.2f"),

  /** Of the provider's process while the clients ran. */
  PROVIDER_CPU("providerCpuSeconds", "provider CPU, s", "%.2f"),

  /** The same for each GiB of content. */
  PROVIDER_CPU_PER_GIB("providerCpuSecondsPerGib", "provider CPU, s/GiB", "%.2f"),

  /** Most memory that one client's process had resident. */
  CLIENT_PEAK("clientPeakMib", "client memory, MiB", "%.0f"),

  /** Most memory that the provider's process had resident since its start. */
  PROVIDER_PEAK("providerPeakMib", "provider memory, MiB", "%.0f"),

  /** Vouchers of all clients. */
  VOUCHERS("vouchers", "vouchers", "%.0f"),

  /** How long transfers stood still at the provider until a voucher had come, all together. */
  STALLED("stalledSeconds", "waiting for money, s", "%.2f"),

  /** Bytes in TCP streams, both ways, for each byte of content. */
  WIRE("wireBytesPerByte", "wire bytes per byte", "%.4f");

  private final String member;
  private final String label;
  private final String format;

  Figure(String member, String label, String format) {
    this.member = member;
    this.label = label;
    this.format = format;
  }

  /** Its name in JSON. */
  String member() {
    return member;
  }

  String label() {
    return label;
  }

  /** A value as a person reads it. */
  String text(double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
