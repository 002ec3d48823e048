package io.sluice.cli.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ScopeType;

/**
 * What a command takes on its command line, said in calls: the library can read annotations too,
 * but then each start of the program makes classes for them, which takes longer than most commands
 * do. A name is that of an option as it is typed, {@code --fee=N}, or what stands for a word.
 */
public final class Arguments {
  private final CommandSpec spec;
  private final ScopeType scope;

  /** An argument of which is still to be said what it is for. */
  public interface Described {
    /** Says it. */
    Arguments says(String description);
  }

  private Arguments(CommandSpec spec, ScopeType scope) {
    this.spec = spec;
    this.scope = scope;
  }

  /** Those of one command. */
  public static Arguments of(CommandSpec spec) {
    return new Arguments(spec, ScopeType.LOCAL);
  }

  /** Those of a command and of all beneath it. */
  public static Arguments ofAllBeneath(CommandSpec spec) {
    return new Arguments(spec, ScopeType.INHERIT);
  }

  /** An option without a value. */
  public Described flag(String name, Consumer<Boolean> into) {
    return option(false, name, boolean.class, into);
  }

  /** An option with a value. */
  public <T> Described option(String name, Class<T> type, Consumer<T> into) {
    return option(false, name, type, into);
  }

  /** An option that has to be there. */
  public <T> Described needed(String name, Class<T> type, Consumer<T> into) {
    return option(true, name, type, into);
  }

  private <T> Described option(boolean needed, String name, Class<T> type, Consumer<T> into) {
    OptionSpec.Builder option = named(name).type(type).setter(new Kept<>(into)).required(needed);
    return description -> add(option.description(description));
  }

  /** An option that may be there several times. */
  public Described repeated(boolean needed, String name, Consumer<List<String>> into) {
    Kept<List<String>> kept = new Kept<>(into);
    OptionSpec.Builder option = named(name).type(List.class).auxiliaryTypes(String.class);
    option.getter(kept).setter(kept).required(needed);
    return description -> add(option.description(description));
  }

  /** Several names stand with commas between, and before the value's. */
  private OptionSpec.Builder named(String name) {
    int value = name.indexOf('=');
    String names = value < 0 ? name : name.substring(0, value);
    OptionSpec.Builder option = OptionSpec.builder(names.split(",", -1)).scopeType(scope);
    return value < 0 ? option : option.paramLabel(name.substring(value + 1));
  }

  private Arguments add(OptionSpec.Builder option) {
    spec.addOption(option.build());
    return this;
  }

  /** The next word, which has to be there. */
  public <T> Described word(String name, Class<T> type, Consumer<T> into) {
    return word("1", name, type, into);
  }

  /** The next word, which may be missing. */
  public <T> Described maybe(String name, Class<T> type, Consumer<T> into) {
    return word("0..1", name, type, into);
  }

  private <T> Described word(String arity, String name, Class<T> type, Consumer<T> into) {
    PositionalParamSpec.Builder word = PositionalParamSpec.builder().index("0+").arity(arity);
    word.required(arity.equals("1")).paramLabel(name).type(type).setter(new Kept<>(into));
    literal(word, type);
    return description -> add(word.description(description));
  }

  /** All words, at least so many. */
  public <T> Described words(int least, String name, Class<T> type, Consumer<List<T>> into) {
    Kept<List<T>> kept = new Kept<>(into);
    PositionalParamSpec.Builder words = PositionalParamSpec.builder().index("0..*");
    words.arity(least + "..*").required(least > 0).paramLabel(name).type(List.class);
    words.auxiliaryTypes(type).getter(kept).setter(kept);
    literal(words, type);
    return description -> add(words.description(description));
  }

  /**
   * A shell has made of a path that stands alone what there is to make: {@code *} finds a ~, too.
   */
  private static void literal(PositionalParamSpec.Builder word, Class<?> type) {
    if (type.equals(Path.class)) {
      ITypeConverter<Path> asItIs = Path::of;
      word.converters(asItIs);
    }
  }

  private Arguments add(PositionalParamSpec.Builder word) {
    spec.addPositional(word.build());
    return this;
  }

  /** A value on its way to the command; that of a list is asked for again, to add to it. */
  private static final class Kept<T> implements IGetter, ISetter {
    private final Consumer<T> into;
    private @Nullable Object value;

    Kept(Consumer<T> into) {
      this.into = into;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the library has it
    public <V> @Nullable V get() {
      return (V) value;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <V> @Nullable V set(V given) {
      Object before = value;
      value = given;
      if (given != null) { // not said: it stays as the command has it
        into.accept((T) given);
      }
      return (V) before;
    }
  }
}
