package io.sluice.cli;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.sluice.payments.token.AmountMessage;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LocalVariable;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Holds the shape of the code: which module sees which, and where each foreign library may be used.
 *
 * <p>It stands in the last module because that one sees all others. Rules may find nothing to look
 * at: a package exists before its first class.
 */
class ArchitectureTest {

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.sluice");

  /** What lives where: the packages that may use a library, and the library's own packages. */
  static final List<Arguments> FOREIGN =
      List.of(
          only("protocol.libp2p..").mayUse("io.netty.."),
          only("protocol.crypto..").mayUse("org.conscrypt.."),
          only("protocol.libp2p..", "protocol.multiformats..", "payments..")
              .mayUse("org.bouncycastle.."),
          only("payments.voucher..").mayUse("fr.acinq.."),
          only("fsm.engine..").mayUse("org.springframework..", "reactor.."),
          only("payments.voucher..", "payments.ledger.evm..")
              .mayUse("org.web3j..", "okhttp3..", "io.reactivex.."),
          only("dealstore..")
              .mayUse("java.sql..", "javax.sql..", "org.h2..", "..jackson.dataformat.cbor.."),
          only("dealstore..", "node..", "payments.voucher..").mayUse("com.fasterxml.jackson.."),
          only("node..").mayUse("io.helidon..", "io.micrometer..", "io.prometheus.."),
          only("cli..").mayUse("picocli..", "ch.qos.logback.."));

  @Test
  void everyModuleIsSeenByThisTest() {
    Stream.of("protocol.ipld", "fsm", "payments", "dealstore", "node.api", "cli")
        .forEach(name -> assertTrue(CODE.containPackage("io.sluice." + name), name));
  }

  @Test
  void modulesSeeOnlyThoseBeforeThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("protocol")
        .definedBy("io.sluice.protocol..")
        .layer("fsm")
        .definedBy("io.sluice.fsm..")
        .layer("payments")
        .definedBy("io.sluice.payments..")
        .layer("dealstore")
        .definedBy("io.sluice.dealstore..")
        .layer("node")
        .definedBy("io.sluice.node..")
        .layer("cli")
        .definedBy("io.sluice.cli..")
        .whereLayer("fsm")
        .mayOnlyBeAccessedByLayers("dealstore", "node", "cli")
        .whereLayer("payments")
        .mayOnlyBeAccessedByLayers("dealstore", "node", "cli")
        .whereLayer("dealstore")
        .mayOnlyBeAccessedByLayers("node", "cli")
        .whereLayer("node")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .check(CODE);
  }

  @Test
  void machinesAndPaymentsSeeRecordsButNoNetwork() {
    noClasses()
        .that()
        .resideInAnyPackage("io.sluice.fsm..", "io.sluice.payments..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.sluice.protocol.libp2p..")
        .allowEmptyShould(true)
        .check(CODE);
  }

  @Test
  void payerAndPayeeKnowNothingOfEachOther() {
    slices()
        .matching("io.sluice.payments.(payer|payee)..")
        .should()
        .notDependOnEachOther()
        .check(CODE);
  }

  /** Its sums and lanes are not thread-safe: only under its own monitor does anybody touch them. */
  @Test
  void whatAChannelGuardsStaysInside() {
    String[] guarded = {
      "LatestView",
      "LanePool",
      "ChannelFunds",
      "FundsWanted",
      "PayerLane",
      "PayerHistory",
      "PayerFigures",
      "Refund",
      "VoucherChoice.*",
      "LaneCredits",
      "Unredeemed",
      "ChannelDeals",
      "BlockGate",
      "AgreedEnd",
      "PayeeHistory",
      "PayeeFigures"
    };
    String[] mayUse = {"PayerChannel", "PayeeChannel", "LaneHold", "LaneCredits.+", "Lane"};
    String any = "io\\.sluice\\.payments\\..*\\b(%s)";
    noClasses()
        .that()
        .haveNameNotMatching(any.formatted(String.join("|", guarded)))
        .and()
        .haveNameNotMatching(any.formatted(String.join("|", mayUse)))
        .should()
        .dependOnClassesThat()
        .haveNameMatching(any.formatted(String.join("|", guarded)))
        .check(CODE);
  }

  /** Who locks another object's monitor has to know what else is done under it. */
  @Test
  void moneyIsLockedByItsOwnersOnly() throws IOException {
    List<String> foreign = new ArrayList<>();
    for (JavaClass type : CODE.that(resideInAPackage("io.sluice.payments.."))) {
      try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
        for (MethodModel method : ClassFile.of().parse(bytes.readAllBytes()).methods()) {
          if (method.code().filter(ArchitectureTest::locksAnother).isPresent()) {
            foreign.add(type.getName() + "." + method.methodName().stringValue());
          }
        }
      }
    }
    assertEquals(List.of(), foreign);
    fields()
        .that()
        .areDeclaredInClassesThat()
        .resideInAPackage("io.sluice.payments..")
        .and()
        .haveRawType(assignableTo(Lock.class))
        .should()
        .bePrivate()
        .check(CODE);
  }

  /** A monitor is entered by: load the object, copy it, keep the copy, enter. */
  private static boolean locksAnother(CodeModel code) {
    List<CodeElement> steps = code.elementStream().filter(Instruction.class::isInstance).toList();
    for (int at = 3; at < steps.size(); at++) {
      boolean enters =
          steps.get(at) instanceof MonitorInstruction lock && lock.opcode() == Opcode.MONITORENTER;
      boolean own =
          steps.get(Math.max(0, at - 3)) instanceof LoadInstruction load && load.slot() == 0;
      if (enters && !own) {
        return true;
      }
    }
    return false;
  }

  /**
   * A bare number of base units means nothing to whoever reads it: messages have their amounts from
   * what knows symbol and decimals.
   */
  @Test
  void amountsInMessagesAreWrittenByTokens() throws IOException {
    List<String> bare = new ArrayList<>();
    for (JavaClass type : CODE) {
      if (type.getPackageName().startsWith("io.sluice.protocol")
          || type.getPackageName().equals("io.sluice.payments.token")) {
        continue;
      }
      try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
        for (MethodModel method : ClassFile.of().parse(bytes.readAllBytes()).methods()) {
          if (!method.methodName().equalsString("toString")
              && method.code().filter(ArchitectureTest::formatsAnAmount).isPresent()) {
            bare.add(type.getName() + "." + method.methodName().stringValue());
          }
        }
      }
    }
    assertEquals(List.of(), bare);
  }

  /**
   * Where base units are the best that can be said: there the token is not known, and what is made
   * is written anew by whoever knows it.
   */
  private static final Set<String> BASE_UNITS =
      Set.of(
          "io.sluice.payments.PaymentException.<init>",
          "io.sluice.payments.payer.PayerPolicy.<init>",
          "io.sluice.payments.payee.Openings.written",
          "io.sluice.payments.payee.PayeePolicy.written");

  /** A sentence about amounts is said in base units, though somebody could have written it out. */
  @Test
  void sentencesAboutAmountsAreWrittenOut() throws IOException {
    Set<String> bare = new TreeSet<>();
    for (JavaClass type : CODE) {
      if (type.getPackageName().equals("io.sluice.payments.token")) {
        continue;
      }
      try (InputStream bytes = type.getSource().orElseThrow().getUri().toURL().openStream()) {
        for (MethodModel method : ClassFile.of().parse(bytes.readAllBytes()).methods()) {
          if (method.code().filter(ArchitectureTest::saysBaseUnits).isPresent()) {
            bare.add(type.getName() + "." + inSource(method.methodName().stringValue()));
          }
        }
      }
    }
    assertEquals(new TreeSet<>(BASE_UNITS), bare);
  }

  /** The method that a lambda stands in. */
  private static String inSource(String method) {
    Matcher lambda = Pattern.compile("lambda\\$(\\w+)\\$\\d+").matcher(method);
    if (!lambda.matches()) {
      return method;
    }
    return lambda.group(1).equals("new") ? "<init>" : lambda.group(1);
  }

  /** By a call, by a reference to what would be called, or by being put into a text. */
  private static boolean saysBaseUnits(CodeModel code) {
    ClassDesc sentence = AmountMessage.class.describeConstable().orElseThrow();
    for (CodeElement element : code) {
      boolean said =
          switch (element) {
            case InvokeInstruction call ->
                call.owner().asSymbol().equals(sentence) && isBaseUnits(call.name().stringValue());
            case InvokeDynamicInstruction dynamic ->
                (dynamic.name().equalsString("makeConcatWithConstants")
                        && dynamic.typeSymbol().parameterList().contains(sentence))
                    || dynamic.bootstrapArgs().stream()
                        .anyMatch(
                            argument ->
                                argument instanceof DirectMethodHandleDesc handle
                                    && handle.owner().equals(sentence)
                                    && isBaseUnits(handle.methodName()));
            default -> false;
          };
      if (said) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBaseUnits(String method) {
    return method.equals("inBaseUnits") || method.equals("toString");
  }

  /** An amount is made a text as it is, alone or to be formatted with others. */
  private static boolean formatsAnAmount(CodeModel code) {
    ClassDesc amount = TokenAmount.class.describeConstable().orElseThrow();
    Map<Integer, Boolean> variables = new HashMap<>();
    for (CodeElement element : code) {
      if (element instanceof LocalVariable variable) {
        variables.merge(variable.slot(), variable.typeSymbol().equals(amount), Boolean::logicalAnd);
      }
    }
    boolean intoObjects = false;
    boolean isAmount = false;
    for (CodeElement element : code) {
      if (element instanceof InvokeDynamicInstruction concat
          && concat.name().equalsString("makeConcatWithConstants")
          && concat.typeSymbol().parameterList().contains(amount)) {
        return true;
      }
      if (element instanceof InvokeInstruction call
          && call.name().equalsString("valueOf")
          && call.owner().asSymbol().equals(ConstantDescs.CD_String)
          && isAmount) {
        return true;
      }
      if (element instanceof NewReferenceArrayInstruction array) {
        intoObjects = array.componentType().asSymbol().equals(ConstantDescs.CD_Object);
      }
      if (element instanceof ArrayStoreInstruction && intoObjects && isAmount) {
        return true;
      }
      if (element instanceof Instruction instruction) {
        isAmount =
            switch (instruction) {
              case InvokeInstruction call -> call.typeSymbol().returnType().equals(amount);
              case FieldInstruction field -> field.typeSymbol().equals(amount);
              case LoadInstruction load -> variables.getOrDefault(load.slot(), false);
              default -> false;
            };
      }
    }
    return false;
  }

  @Test
  void packagesFormNoCycle() {
    slices()
        .matching("io.sluice.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CODE);
  }

  @Test
  void graphsyncsTwoEndsMeetOnlyInTheEndpoint() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("wire")
        .definedBy("io.sluice.protocol.graphsync.wire..")
        .layer("queue")
        .definedBy("io.sluice.protocol.graphsync.queue..")
        .layer("requestor")
        .definedBy("io.sluice.protocol.graphsync.requestor..")
        .layer("responder")
        .definedBy("io.sluice.protocol.graphsync.responder..")
        .layer("endpoint")
        .definedBy("io.sluice.protocol.graphsync.endpoint..")
        .whereLayer("wire")
        .mayNotAccessAnyLayer()
        .whereLayer("queue")
        .mayOnlyAccessLayers("wire")
        .whereLayer("requestor")
        .mayOnlyAccessLayers("wire", "queue")
        .whereLayer("responder")
        .mayOnlyAccessLayers("wire", "queue")
        .whereLayer("endpoint")
        .mayNotBeAccessedByAnyLayer()
        .check(CODE);
  }

  @ParameterizedTest(name = "{1} only in {0}")
  @FieldSource("FOREIGN")
  void foreignLibraryStaysInItsPlace(List<String> places, List<String> library) {
    noClasses()
        .that()
        .resideOutsideOfPackages(places.toArray(String[]::new))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library.toArray(String[]::new))
        .allowEmptyShould(true)
        .check(CODE);
  }

  @Test
  void nobodyWaitsForTheCommonPool() {
    noClasses()
        .should()
        .callMethod(CompletableFuture.class, "supplyAsync", Supplier.class)
        .orShould()
        .callMethod(CompletableFuture.class, "runAsync", Runnable.class)
        .orShould()
        .callMethod(CompletableFuture.class, "thenApplyAsync", Function.class)
        .orShould()
        .callMethod(CompletableFuture.class, "thenAcceptAsync", Consumer.class)
        .orShould()
        .callMethod(CompletableFuture.class, "thenRunAsync", Runnable.class)
        .because("its few threads may all wait for what is to be done there: name an executor")
        .check(CODE);
  }

  @Test
  void timeAndChanceAreHandedIn() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Ticker.class.getName())
        .should()
        .accessTargetWhere(target(owner(equivalentTo(System.class))).and(target(name("nanoTime"))))
        .because("whoever measures a span of time is given a " + Ticker.class.getSimpleName())
        .check(CODE);
    noClasses()
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(LocalDateTime.class, "now")
        .orShould()
        .callMethod(ZonedDateTime.class, "now")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .because("a test turns a %s by hand and seeds a generator".formatted(Clock.class))
        .allowEmptyShould(true)
        .check(CODE);
  }

  private static Place only(String... packages) {
    return new Place(Stream.of(packages).map(name -> "io.sluice." + name).toList());
  }

  /** Packages beneath {@code io.sluice} that have a library to themselves. */
  private record Place(List<String> packages) {
    Arguments mayUse(String... library) {
      return arguments(packages, List.of(library));
    }
  }
}
