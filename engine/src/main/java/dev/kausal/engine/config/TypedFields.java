package dev.kausal.engine.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Typed access to fields, with errors that name the field. */
abstract class TypedFields {
    private static final int MOST_LAYERS = 10_000;
    private static final int MOST_REGISTERS = 10_000;
    private static final Map<String, Activation> ACTIVATIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("silu", Activation.SILU),
            Map.entry("swish", Activation.SILU),
            Map.entry("gelu", Activation.GELU),
            Map.entry("gelu_python", Activation.GELU),
            Map.entry("gelu_new", Activation.GELU_TANH),
            Map.entry("gelu_fast", Activation.GELU_TANH),
            Map.entry("gelu_accurate", Activation.GELU_TANH),
            Map.entry("gelu_pytorch_tanh", Activation.GELU_TANH),
            Map.entry("quick_gelu", Activation.QUICK_GELU),
            Map.entry("relu", Activation.RELU),
            Map.entry("tanh", Activation.TANH)));

    final Object where;

    TypedFields(Object where) {
        this.where = where;
    }

    /** Returns the value of a field: a String, Number, Boolean, List or Map; null if there is none. */
    abstract @Nullable Object raw(String field);

    public Object where() {
        return where;
    }

    /** Returns whether the field has a value. */
    public boolean has(String field) {
        return raw(field) != null;
    }

    /** Reads a whole number of at least 1. */
    public int count(String field) {
        double value = number(field)
                .orElseThrow(() -> new ConfigException(
                        where, "field '" + field + "' is missing.", "Set a whole number of at least 1."));
        if (value != Math.rint(value) || value < 1 || value > Integer.MAX_VALUE) {
            throw new ConfigException(
                    where, "field '" + field + "' is " + value + ".", "Set a whole number of at least 1.");
        }
        return (int) value;
    }

    /** Reads a number of layers, at most 10,000: it sizes lists before any tensor has confirmed it. */
    public int layers(String field) {
        int layers = count(field);
        if (layers > MOST_LAYERS) {
            throw new ConfigException(
                    where,
                    "field '" + field + "' is " + layers + ".",
                    "At most " + MOST_LAYERS + " layers are supported.");
        }
        return layers;
    }

    /** Reads a number of register tokens; 0 if the field is absent or null. */
    public int registers(String field) {
        int registers = whole(field, 0);
        if (registers > MOST_REGISTERS) {
            throw new ConfigException(
                    where,
                    "field '" + field + "' is " + registers + ".",
                    "At most " + MOST_REGISTERS + " register tokens are supported.");
        }
        return registers;
    }

    public int count(String field, int otherwise) {
        return has(field) ? count(field) : otherwise;
    }

    /** Reads a whole number of at least 1; 0 if the field is absent or null. */
    public int countOrNone(String field) {
        return has(field) ? count(field) : 0;
    }

    /** Reads the number of tokens: a GGUF lists them; older files hold only the number. */
    public int tokens(String architecture) {
        return raw("tokenizer.ggml.tokens") instanceof List<?> tokens
                ? tokens.size()
                : count(architecture + ".vocab_size");
    }

    /** Reads a whole number of at least 0. */
    public int whole(String field, int otherwise) {
        return whole(field, 0, otherwise);
    }

    /** Reads a whole number of at least {@code least}. */
    public int whole(String field, int least, int otherwise) {
        double value = number(field).orElse((double) otherwise);
        if (value != Math.rint(value) || value < least || value > Integer.MAX_VALUE) {
            String from = least == Integer.MIN_VALUE ? "" : " of at least " + least;
            throw new ConfigException(
                    where, "field '" + field + "' is " + value + ".", "Set a whole number" + from + ".");
        }
        return (int) value;
    }

    /** Returns the head of the class that the checkpoint was saved from. */
    public OutputHeadConfig head(Map<String, OutputHeadConfig> byArchitecture) {
        Object found = raw("architectures");
        OutputHeadConfig head = found instanceof List<?> list && list.size() == 1 && list.get(0) instanceof String name
                ? byArchitecture.get(name)
                : null;
        if (head == null) {
            String known = String.join(", ", new TreeMap<>(byArchitecture).keySet());
            throw new UnsupportedModelException(where, "architectures", found, known);
        }
        return head;
    }

    /** Reads the number of classes of a classifier; two by default. */
    public int classes() {
        return raw("id2label") instanceof Map<?, ?> labels ? labels.size() : count("num_labels", 2);
    }

    /** Returns the width of each of {@code heads} heads of total width {@code width}. */
    public int headWidth(int width, int heads) {
        if (width % heads != 0) {
            throw new ConfigException(
                    where, "width " + width + " is not a multiple of " + heads + " heads.", "Correct one of the two.");
        }
        return width / heads;
    }

    /** Reads a number above 0; 0 if the field is absent or null. */
    public double positiveOrNone(String field) {
        return has(field) ? positive(field, 1) : 0;
    }

    /** Reads a non-linearity by its config name. */
    public Activation activation(String field) {
        String name = text(field)
                .orElseThrow(
                        () -> new ConfigException(where, "field '" + field + "' is missing.", "Name a non-linearity."));
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null) {
            throw new UnsupportedModelException(where, field, name, String.join(", ", ACTIVATIONS.keySet()));
        }
        return activation;
    }

    /** Reads a list of {@code count} numbers. */
    List<Double> numbers(String field, int count) {
        if (raw(field) instanceof List<?> list
                && list.size() == count
                && list.stream().allMatch(Number.class::isInstance)) {
            return list.stream().map(number -> ((Number) number).doubleValue()).toList();
        }
        throw new ConfigException(
                where, "field '" + field + "' is " + raw(field) + ".", "Set a list of " + count + " numbers.");
    }

    /** Reads rows and columns, from a list or one number for both. */
    public int[] pair(String field, int otherwise) {
        if (raw(field) instanceof List<?> list
                && list.size() == 2
                && list.get(0) instanceof Number first
                && list.get(1) instanceof Number second) {
            return new int[] {first.intValue(), second.intValue()};
        }
        int both = count(field, otherwise);
        return new int[] {both, both};
    }

    /** Reads a list with one entry per layer. */
    public List<Object> perLayer(String field, int layers) {
        if (!(raw(field) instanceof List<?> list) || list.size() != layers) {
            throw new ConfigException(
                    where,
                    "field '" + field + "' is " + raw(field) + ".",
                    "Set a list with one entry for each of " + layers + " layers.");
        }
        return new ArrayList<>(list);
    }

    /** Reads a number above 0. */
    public double positive(String field, double otherwise) {
        double value = number(field).orElse(otherwise);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new ConfigException(where, "field '" + field + "' is " + value + ".", "Set a number above 0.");
        }
        return value;
    }

    /** Reads a required number above 0. */
    public double positive(String field) {
        if (!has(field)) {
            throw new ConfigException(where, "field '" + field + "' is missing.", "Set a number above 0.");
        }
        return positive(field, 1);
    }

    /** Reads a flag; null means false, as in the library. */
    public boolean flag(String field) {
        return flag(field, false);
    }

    public boolean flag(String field, boolean otherwise) {
        Object value = raw(field);
        if (value != null && !(value instanceof Boolean)) {
            throw new ConfigException(where, "field '" + field + "' is " + value + ".", "Set true or false.");
        }
        return value == null ? otherwise : (Boolean) value;
    }

    public Optional<String> text(String field) {
        return Optional.ofNullable(raw(field)).map(Object::toString);
    }

    /** Refuses the config unless {@code field} is absent or one of {@code allowed}. */
    public void only(String field, String expected, Object... allowed) {
        if (!has(field)) {
            return;
        }
        for (Object value : allowed) {
            if (same(raw(field), value)) {
                return;
            }
        }
        throw new UnsupportedModelException(where, field, raw(field), expected);
    }

    private static boolean same(@Nullable Object found, Object allowed) {
        return (found instanceof Number a && allowed instanceof Number b)
                ? a.doubleValue() == b.doubleValue()
                : allowed.equals(found);
    }

    private Optional<Double> number(String field) {
        Object value = raw(field);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Number number) {
            return Optional.of(number.doubleValue());
        }
        throw new ConfigException(where, "field '" + field + "' is " + value + ".", "Set a number.");
    }
}
