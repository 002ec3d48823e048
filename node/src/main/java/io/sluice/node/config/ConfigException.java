package io.sluice.node.config;

/** The configuration cannot be used; the message names key, value and what is allowed. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigException(String message) {
    super(message);
  }

  /** {@code form} is what more there is to say of how such a value is written. */
  static ConfigException bad(Setting setting, String value, String source, String form) {
    return new ConfigException(
        "%s: '%s' (from %s) is not allowed; expected %s%s"
            .formatted(setting.key(), value, source, setting.range(), form));
  }
}
