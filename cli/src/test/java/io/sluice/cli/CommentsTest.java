package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Everything that another package can see has a comment. Doclint's own check would also want a line
 * for each parameter, result and exception, which says the name again more often than not.
 */
class CommentsTest {
  private static final List<String> MODULES =
      List.of("protocol", "fsm", "payments", "dealstore", "node", "cli");

  private final List<String> bare = new ArrayList<>();
  private int seen;

  @Test
  void whatOtherPackagesSeeHasAComment() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources()));
      DocTrees comments = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        for (Tree type : unit.getTypeDecls()) {
          if (type instanceof ClassTree declared) {
            look(comments, new TreePath(new TreePath(unit), declared), false);
          }
        }
      }
    }
    assertEquals(List.of(), bare);
    assertTrue(seen > 2_000, seen + " commented");
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    return sources;
  }

  /** A type that others see, and what they see of it; members of an interface are public. */
  private void look(DocTrees comments, TreePath path, boolean inInterface) {
    ClassTree type = (ClassTree) path.getLeaf();
    if (!isSeen(type.getModifiers(), inInterface)) {
      return;
    }
    check(comments, path, type.getSimpleName().toString());
    boolean open = type.getKind() == Tree.Kind.INTERFACE;
    for (Tree member : type.getMembers()) {
      TreePath at = new TreePath(path, member);
      switch (member) {
        case ClassTree nested -> look(comments, at, open);
        case MethodTree method -> {
          if (isSeen(method.getModifiers(), open) && !repeats(method)) {
            check(comments, at, type.getSimpleName() + "." + method.getName());
          }
        }
        case VariableTree field -> {
          if (isSeen(field.getModifiers(), open) && !saysItself(field)) {
            check(comments, at, type.getSimpleName() + "." + field.getName());
          }
        }
        default -> {}
      }
    }
  }

  private static boolean isSeen(ModifiersTree modifiers, boolean inInterface) {
    Set<Modifier> flags = modifiers.getFlags();
    return inInterface
        ? !flags.contains(Modifier.PRIVATE)
        : flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
  }

  /** What overrides has its comment above. */
  private static boolean repeats(MethodTree method) {
    return method.getModifiers().getAnnotations().stream()
        .anyMatch(it -> it.getAnnotationType().toString().equals("Override"));
  }

  /** A constant of an enum whose meaning is an argument, for people who never see the source. */
  private static boolean saysItself(VariableTree field) {
    ExpressionTree value = field.getInitializer();
    return value instanceof NewClassTree made
        && made.getArguments().stream()
            .anyMatch(it -> it instanceof LiteralTree text && text.getValue() instanceof String);
  }

  private void check(DocTrees comments, TreePath path, String name) {
    if (comments.getDocComment(path) == null) {
      bare.add(name);
    } else {
      seen++;
    }
  }
}
