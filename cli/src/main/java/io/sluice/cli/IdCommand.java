package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice id}: who am I. */
final class IdCommand extends ServiceCommand {
  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.IdentityReport identity = service.id();
    output.object(identity, lines(identity));
  }

  static List<String> lines(Reports.IdentityReport identity) {
    List<String> lines = new ArrayList<>();
    lines.add("home     " + identity.home());
    lines.add("peer     " + identity.peerId());
    lines.add("account  " + identity.paymentAddress());
    identity.addresses().forEach(address -> lines.add("address  " + address));
    return lines;
  }
}
