package io.sluice.node.output;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.car.CarExporter;
import io.sluice.protocol.car.CarIndexFormat;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The version of a CAR that is written, and its index, named as users name it. */
public enum CarForm {
  /** Version 1, which has no index and can be written to anything. */
  VERSION_1(""),
  /** Version 2 with the index that current tools write. */
  MULTIHASH_SORTED("multihash-sorted", CarIndexFormat.MULTIHASH_SORTED),
  /** Version 2 with the index of older tools. */
  SORTED("sorted", CarIndexFormat.SORTED),
  /** Version 2 alone. */
  NONE("none");

  private final String index;
  private final Optional<CarIndexFormat> format;

  CarForm(String index) {
    this.index = index;
    this.format = Optional.empty();
  }

  CarForm(String index, CarIndexFormat format) {
    this.index = index;
    this.format = Optional.of(format);
  }

  /**
   * The form that is asked for.
   *
   * @param seekable whether the output is a file: the header of version 2 is written last
   */
  public static CarForm of(Requests.ExportRequest request, boolean seekable)
      throws ServiceException {
    if (request.index().isEmpty()) {
      return VERSION_1;
    }
    if (!request.car()) {
      throw new ServiceException(ErrorCode.USAGE, "an index is that of a CAR; add --car");
    }
    if (!seekable) {
      throw new ServiceException(
          ErrorCode.USAGE, "a CAR version 2 is written to a file alone: its header comes last");
    }
    for (CarForm form : values()) {
      if (form != VERSION_1 && form.index.equals(request.index().get())) {
        return form;
      }
    }
    throw new ServiceException(
        ErrorCode.USAGE,
        "no index is called '%s'; there are %s"
            .formatted(
                request.index().get(),
                Arrays.stream(values())
                    .filter(form -> form != VERSION_1)
                    .map(form -> form.index)
                    .collect(Collectors.joining(", "))));
  }

  /** Writes all that lies beneath a root, and leaves the file open; says how long it is. */
  public long write(BlockStore blocks, Cid root, FileChannel file) throws IOException {
    if (this == VERSION_1) {
      return writeVersion1(blocks, root, file);
    }
    // Not closed, since that would close the file.
    CarWriter archive = CarWriter.v2(file, List.of(root), format);
    new CarExporter(blocks).write(List.of(root), archive);
    archive.end();
    return file.size();
  }

  /** The same to anything. */
  public static long writeVersion1(BlockStore blocks, Cid root, WritableByteChannel out)
      throws IOException {
    // Not closed, since that would close the channel: a CARv1 has nothing else to end.
    CarWriter archive = CarWriter.v1(out, List.of(root));
    new CarExporter(blocks).write(List.of(root), archive);
    return archive.length();
  }
}
