package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.sync.AskingHooks.Asking;
import io.sluice.node.sync.ScriptedServer.Answer;
import io.sluice.node.sync.SyncRefusal.RefusalKind;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real commands and a real server that are asked, good and bad. */
@Timeout(60)
class AskingHooksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final SyncCaller CALLER =
      new SyncCaller("somebody", true, true, true, OptionalLong.empty());

  private final List<Block> dag = MemorySyncHome.dag("five");
  private final List<Cid> cids = dag.stream().map(Block::cid).toList();
  private final Info info = Info.of(new Manifest(cids, List.of()));

  @TempDir Path folder;

  private static AskingHooks asking(Duration patience, String... whom) {
    return AskingHooks.of(
        new Asking(List.of(whom), EnumSet.allOf(HookMoment.class), patience), Ticker.SYSTEM);
  }

  private SyncRefusal refused(AskingHooks hooks) {
    return assertThrows(
        SyncRefusal.class, () -> hooks.pushBegins(CALLER, info, Map.of("a \"b\"", "c\n")));
  }

  @Test
  void givenCommandThatEndsWell_thenYes_andItIsTold() throws Exception {
    Path asked = folder.resolve("asked");
    try (AskingHooks hooks = asking(PATIENCE, "/bin/sh", "-c", "cat > " + asked)) {
      hooks.pushBegins(CALLER, info, Map.of("a \"b\"", "c\n"));
    }
    assertEquals(
        """
        {"hook":"push-begins","caller":"somebody","root":"%s","blocks":5,"meta":{"a \\"b\\"":"c\\n"}}
        """
            .formatted(cids.getFirst()),
        Files.readString(asked));
  }

  @Test
  void givenCommandThatSaysNo_thenItsReasonIsTold_asATerminalMaySeeIt() {
    try (AskingHooks hooks =
        asking(PATIENCE, "/bin/sh", "-c", "printf 'not\\033on\\nSundays\\n'; exit 1")) {
      SyncRefusal refusal = refused(hooks);
      assertEquals("not on Sundays", refusal.reason());
      assertEquals(RefusalKind.REFUSED, refusal.kind());
    }
    try (AskingHooks hooks = asking(PATIENCE, "/bin/false")) {
      assertEquals("it is refused", refused(hooks).reason());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo yes; exit 3",
        "kill -9 $$",
        "head -c 100000 /dev/zero", // says too much, and would end well
        "exec yes",
      })
  void givenCommandThatFails_thenRefused_andNothingOfItIsTold(String command) {
    try (AskingHooks hooks = asking(PATIENCE, "/bin/sh", "-c", command)) {
      SyncRefusal refusal = refused(hooks);
      assertEquals(RefusalKind.RETRY, refusal.kind());
      assertEquals("it cannot be decided now; try again later", refusal.reason());
    }
  }

  @Test
  void givenNoSuchCommand_thenRefused() {
    try (AskingHooks hooks = asking(PATIENCE, folder.resolve("none").toString())) {
      assertEquals(RefusalKind.RETRY, refused(hooks).kind());
    }
  }

  /** Also where it leaves behind somebody who holds its output. */
  @ParameterizedTest
  @ValueSource(strings = {"sleep 600", "sleep 600; exit 0"})
  void givenCommandThatHangs_thenRefusedInTime_andItIsGone(String command) throws Exception {
    Path pid = folder.resolve("pid");
    try (AskingHooks hooks = asking(SHORT, "/bin/sh", "-c", "echo $$ > " + pid + "; " + command)) {
      assertEquals(RefusalKind.RETRY, refused(hooks).kind());
    }
    long process = Long.parseLong(Files.readString(pid).strip());
    ProcessHandle.of(process).ifPresent(handle -> handle.onExit().join());
    assertFalse(ProcessHandle.of(process).filter(ProcessHandle::isAlive).isPresent());
  }

  @Test
  void givenServer_thenItsStatusDecides() throws Exception {
    Answer[] answer = {Answer.ok()};
    try (ScriptedServer server = new ScriptedServer(request -> answer[0]);
        AskingHooks hooks = asking(PATIENCE, server.url() + "/check")) {
      hooks.pushBegins(CALLER, info, Map.of());
      ScriptedServer.Request asked = server.requests.getFirst();
      assertEquals("POST", asked.method());
      assertEquals("application/json", asked.headers().get("Content-Type"));
      assertTrue(
          new String(asked.body(), StandardCharsets.UTF_8).contains("\"hook\":\"push-begins\""));

      answer[0] = Answer.no(403, "not you");
      assertEquals("not you", refused(hooks).reason());
      for (Answer bad :
          List.of(
              Answer.no(500, "oops"),
              Answer.no(302, ""),
              Answer.no(403, "x".repeat(HookJudge.MOST_SAID + 1)),
              Answer.no(200, "yes").cutAfter(1))) {
        answer[0] = bad;
        assertEquals(RefusalKind.RETRY, refused(hooks).kind(), () -> "" + bad.status());
      }
    }
  }

  @Test
  void givenServerThatHangsOrIsNotThere_thenRefused() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    String url;
    try (ScriptedServer server =
            new ScriptedServer(
                request -> {
                  end.await();
                  return Answer.ok();
                });
        AskingHooks hooks = asking(SHORT, server.url())) {
      url = server.url();
      assertEquals(RefusalKind.RETRY, refused(hooks).kind());
      end.countDown();
    }
    try (AskingHooks hooks = asking(PATIENCE, url)) {
      assertEquals(RefusalKind.RETRY, refused(hooks).kind());
    }
  }

  @Test
  void givenMomentThatNobodyIsAskedAbout_thenNotAsked() throws Exception {
    Asking asking =
        new Asking(List.of("/bin/false"), EnumSet.of(HookMoment.REMOVAL_ASKED), PATIENCE);
    try (AskingHooks hooks = AskingHooks.of(asking, Ticker.SYSTEM)) {
      hooks.pushBegins(CALLER, info, Map.of());
      assertThrows(SyncRefusal.class, () -> hooks.removalAsked(CALLER, cids.getFirst(), Map.of()));
    }
  }

  /** Whatever is done by dsync, somebody is asked before, with what the original answers then. */
  @ParameterizedTest
  @EnumSource(HookMoment.class)
  void eachMomentRefuses(HookMoment moment) throws Exception {
    String check =
        "grep -q '\"hook\":\"%s\"' && echo no && exit 1; exit 0".formatted(moment.text());
    try (AskingHooks hooks = asking(PATIENCE, "/bin/sh", "-c", check);
        SyncServer server = new SyncServer(hooks)) {
      byte[] body = InfoJson.encode(info);
      switch (moment) {
        case PUSH_BEGINS -> assertRefused(400, server.send("POST", "", "application/json", body));
        case PUSH_ARRIVED, PUSH_COMPLETED -> {
          String sid =
              server.send("POST", "", "application/json", body).headers().firstValue("sid").get();
          byte[] car = SyncContent.of("five").archive(dag);
          assertRefused(400, server.send("PUT", "sid=" + sid, "archive/car", car));
          assertEquals(moment == HookMoment.PUSH_COMPLETED ? 1 : 0, server.home.received.size());
        }
        default -> {
          dag.forEach(server.home.blocks::put);
          server.home.pinned.add(cids.getFirst());
          String root = cids.getFirst().toString();
          switch (moment) {
            case INFO_ASKED ->
                assertRefused(500, server.send("GET", "manifest=" + root, "", new byte[0]));
            case BLOCK_ASKED ->
                assertRefused(500, server.send("GET", "block=" + root, "", new byte[0]));
            case BLOCKS_ASKED ->
                assertRefused(400, server.send("PATCH", "", "application/json", body));
            default -> {
              assertRefused(500, server.send("DELETE", "cid=" + root, "", new byte[0]));
              assertTrue(server.home.pinned.contains(cids.getFirst()));
            }
          }
        }
      }
    }
  }

  private static void assertRefused(int status, HttpResponse<byte[]> answer) {
    assertEquals(status, answer.statusCode());
    assertEquals("no", new String(answer.body(), StandardCharsets.UTF_8));
  }
}
