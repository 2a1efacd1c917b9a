package dev.kausal.engine.model;

import java.util.Map;
import java.util.Optional;

/** Typed reading of a config's fields (JSON or GGUF metadata), with errors that name the field. */
final class ConfigFields {
    private final Object where;
    private final Map<String, Object> values;

    /** {@code values} hold String, Number, Boolean, List or Map; null where the config says null. */
    ConfigFields(Object where, Map<String, Object> values) {
        this.where = where;
        this.values = values;
    }

    Object where() {
        return where;
    }

    boolean has(String field) {
        return values.get(field) != null;
    }

    Object raw(String field) {
        return values.get(field);
    }

    /** A whole number of at least 1. */
    int count(String field) {
        double value = number(field)
                .orElseThrow(() -> new ConfigException(
                        where, "field '" + field + "' is missing.", "A whole number of at least 1 belongs there."));
        if (value != Math.rint(value) || value < 1 || value > Integer.MAX_VALUE) {
            throw new ConfigException(
                    where, "field '" + field + "' is " + value + ".", "A whole number of at least 1 belongs there.");
        }
        return (int) value;
    }

    int count(String field, int otherwise) {
        return has(field) ? count(field) : otherwise;
    }

    /** A number above 0. */
    double positive(String field, double otherwise) {
        double value = number(field).orElse(otherwise);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new ConfigException(where, "field '" + field + "' is " + value + ".", "It must be above 0.");
        }
        return value;
    }

    boolean flag(String field, boolean otherwise) {
        Object value = values.get(field);
        if (value != null && !(value instanceof Boolean)) {
            throw new ConfigException(where, "field '" + field + "' is " + value + ".", "true or false belongs there.");
        }
        return value == null ? otherwise : (Boolean) value;
    }

    Optional<String> text(String field) {
        return Optional.ofNullable(values.get(field)).map(Object::toString);
    }

    /** Refuses the config unless {@code field} is absent or one of {@code allowed}. */
    void only(String field, String expected, Object... allowed) {
        if (!has(field)) {
            return;
        }
        for (Object value : allowed) {
            if (same(values.get(field), value)) {
                return;
            }
        }
        throw new UnsupportedModelException(where, field, values.get(field), expected);
    }

    private static boolean same(Object found, Object allowed) {
        return found instanceof Number a && allowed instanceof Number b
                ? a.doubleValue() == b.doubleValue()
                : allowed.equals(found);
    }

    private Optional<Double> number(String field) {
        Object value = values.get(field);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Number number) {
            return Optional.of(number.doubleValue());
        }
        throw new ConfigException(where, "field '" + field + "' is " + value + ".", "A number belongs there.");
    }
}
