package dev.kausal.engine.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Typed reading of a config's fields (JSON or GGUF metadata), with errors that name the field. */
final class ConfigFields {
    private final Object where;
    private final Map<String, Object> values;

    /** {@code values} hold String, Number, Boolean, List or Map; null where the config says null. */
    ConfigFields(Object where, Map<String, Object> values) {
        this.where = where;
        this.values = values;
    }

    private static final Map<String, Activation> ACTIVATIONS = new TreeMap<>(Map.of(
            "silu", Activation.SILU,
            "swish", Activation.SILU,
            "gelu", Activation.GELU,
            "gelu_new", Activation.GELU_TANH,
            "gelu_pytorch_tanh", Activation.GELU_TANH,
            "relu", Activation.RELU));

    Object where() {
        return where;
    }

    boolean has(String field) {
        return values.get(field) != null;
    }

    /** Whether the config has the field at all, if only as null. */
    boolean names(String field) {
        return values.containsKey(field);
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

    /** A whole number of at least 1; 0 where the field is absent or null. */
    int countOrNone(String field) {
        return has(field) ? count(field) : 0;
    }

    /** A GGUF says how many tokens there are by listing them; older ones only by a number. */
    int tokens(String architecture) {
        return raw("tokenizer.ggml.tokens") instanceof List<?> tokens
                ? tokens.size()
                : count(architecture + ".vocab_size");
    }

    /** A whole number of at least 0. */
    int whole(String field, int otherwise) {
        double value = number(field).orElse((double) otherwise);
        if (value != Math.rint(value) || value < 0 || value > Integer.MAX_VALUE) {
            throw new ConfigException(
                    where, "field '" + field + "' is " + value + ".", "A whole number of at least 0 belongs there.");
        }
        return (int) value;
    }

    /** The head of the class that the checkpoint was saved from. */
    HeadShape head(Map<String, HeadShape> byArchitecture) {
        Object found = raw("architectures");
        HeadShape head = found instanceof List<?> list && list.size() == 1 ? byArchitecture.get(list.get(0)) : null;
        if (head == null) {
            String known = String.join(", ", new TreeMap<>(byArchitecture).keySet());
            throw new UnsupportedModelException(where, "architectures", found, known);
        }
        return head;
    }

    /** How many classes a classifier tells apart; two where nothing says so. */
    int classes() {
        return raw("id2label") instanceof Map<?, ?> labels ? labels.size() : count("num_labels", 2);
    }

    /** The width of each of {@code heads} heads that make up {@code width}. */
    int headWidth(int width, int heads) {
        if (width % heads != 0) {
            throw new ConfigException(
                    where, "a width of " + width + " is no multiple of " + heads + " heads.", "Check both.");
        }
        return width / heads;
    }

    /** A number above 0; 0 where the field is absent or null. */
    double positiveOrNone(String field) {
        return has(field) ? positive(field, 1) : 0;
    }

    /** A non-linearity by the name that configs give it. */
    Activation activation(String field, String otherwise) {
        String name = text(field).orElse(otherwise);
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null) {
            throw new UnsupportedModelException(where, field, name, String.join(", ", ACTIVATIONS.keySet()));
        }
        return activation;
    }

    /** A list of so many numbers. */
    List<Double> numbers(String field, int count) {
        if (raw(field) instanceof List<?> list
                && list.size() == count
                && list.stream().allMatch(Number.class::isInstance)) {
            return list.stream().map(number -> ((Number) number).doubleValue()).toList();
        }
        throw new ConfigException(
                where,
                "field '" + field + "' is " + raw(field) + ".",
                "A list of " + count + " numbers belongs there.");
    }

    /** Rows and columns, given as a list or as one number for both. */
    int[] pair(String field, int otherwise) {
        if (raw(field) instanceof List<?> list
                && list.size() == 2
                && list.get(0) instanceof Number first
                && list.get(1) instanceof Number second) {
            return new int[] {first.intValue(), second.intValue()};
        }
        int both = count(field, otherwise);
        return new int[] {both, both};
    }

    /** Refuses fields of other names: each asks for something that is not computed. */
    void onlyNamed(Set<String> known) {
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            if (!known.contains(entry.getKey()) && entry.getValue() != null) {
                throw new UnsupportedModelException(
                        where, entry.getKey(), entry.getValue(), "only " + String.join(", ", known));
            }
        }
    }

    /** The fields of a nested object; none where the field is absent or null. */
    ConfigFields nested(String field) {
        Map<String, Object> inner = new TreeMap<>();
        if (raw(field) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> inner.put(name.toString(), value));
        }
        return new ConfigFields(where + ", " + field, inner);
    }

    /** A list with one entry per layer. */
    List<Object> perLayer(String field, int layers) {
        if (!(raw(field) instanceof List<?> list) || list.size() != layers) {
            throw new ConfigException(
                    where,
                    "field '" + field + "' is " + raw(field) + ".",
                    "A list with one entry for each of " + layers + " layers belongs there.");
        }
        return new ArrayList<>(list);
    }

    /** A number above 0. */
    double positive(String field, double otherwise) {
        double value = number(field).orElse(otherwise);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new ConfigException(where, "field '" + field + "' is " + value + ".", "It must be above 0.");
        }
        return value;
    }

    /** A number above 0 that must be there. */
    double positive(String field) {
        if (!has(field)) {
            throw new ConfigException(where, "field '" + field + "' is missing.", "A number above 0 belongs there.");
        }
        return positive(field, 1);
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
