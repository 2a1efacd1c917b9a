package dev.kausal.engine.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Typed reading of a config's fields (JSON or GGUF metadata), with errors that name the field.
 *
 * <p>A field that config.json leaves out has the reference library's default; one that it gives as null has none. What is
 * read is remembered, so that {@link #refuseUnread()} finds what a family's reader does not compute.
 */
final class ConfigFields {
    private final Object where;
    private final Map<String, Object> values;
    private final LibraryConfig library;
    private final Set<String> read = new TreeSet<>();
    private final Map<Parameter, String> without = new EnumMap<>(Parameter.class);
    private final List<ConfigFields> inners = new ArrayList<>();

    /** {@code values} hold String, Number, Boolean, List or Map; null where the config says null. */
    ConfigFields(Object where, Map<String, Object> values) {
        this(where, values, LibraryConfig.NONE);
    }

    private ConfigFields(Object where, Map<String, Object> values, LibraryConfig library) {
        this.where = where;
        this.values = library.named(values);
        this.library = library;
    }

    /** A config.json of transformers, whose {@code model_type} says which defaults it has. */
    static ConfigFields library(Object where, Map<String, Object> values) {
        return new ConfigFields(where, values, LibraryConfig.of(String.valueOf(values.get("model_type"))));
    }

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

    Object where() {
        return where;
    }

    /** Whether the field, or the library's default for it, is anything but null. */
    boolean has(String field) {
        return raw(field) != null;
    }

    /** The value, or the library's default where config.json leaves the field out. */
    Object raw(String field) {
        read.add(field);
        refuseNullWhereNeeded(field);
        return values.containsKey(field)
                ? values.get(field)
                : library.defaults().get(field);
    }

    private void refuseNullWhereNeeded(String field) {
        if (library.knows(field) && !library.nullable().contains(field)) {
            refuseNull(field);
        }
    }

    /** Refuses a field that the config gives as null where the library needs a value. */
    void refuseNull(String... fields) {
        for (String field : fields) {
            if (values.containsKey(field) && values.get(field) == null) {
                throw new ConfigException(
                        where,
                        "field '" + field + "' is null.",
                        "Give it a value, or leave it out: " + LibraryConfig.library() + " then has a default.");
            }
        }
    }

    /** Whether the config itself has the field, and not as null. */
    boolean given(String field) {
        read.add(field);
        return values.get(field) != null;
    }

    /** Whether the library's class has the field; one that it lacks is not read by the library's models. */
    boolean known(String field) {
        return library.knows(field);
    }

    /** The library's rotary parameters where config.json names none; of one kind of layer where there are several. */
    ConfigFields rope(String... layerType) {
        ConfigFields all = new ConfigFields(where + ", rope_parameters", library.rope());
        return layerType.length == 0 ? all : all.nested(layerType[0]);
    }

    /**
     * Refuses fields that the library's class has and no reader read, unless their value is the default or makes no
     * difference: each asks for something that is not computed.
     */
    void refuseUnread() {
        inners.forEach(ConfigFields::refuseUnread);
        String modelType = String.valueOf(values.get("model_type"));
        for (Map.Entry<String, Object> field : values.entrySet()) {
            String name = field.getKey();
            Object otherwise = library.defaults().get(name);
            if (library.knows(name)
                    && !read.contains(name)
                    && !LibraryConfig.withoutInfluence(modelType, name)
                    && !Objects.equals(field.getValue(), otherwise)) {
                throw new UnsupportedModelException(where, name, field.getValue(), String.valueOf(otherwise));
            }
        }
    }

    /** Refuses metadata of the architecture that no reader read, unless it says nothing or makes no difference. */
    void refuseUnreadMetadata(String architecture, Set<String> withoutInfluence) {
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            String name = entry.getKey();
            Object value = entry.getValue();
            boolean nothing = Boolean.FALSE.equals(value) || value instanceof Number n && n.doubleValue() == 0;
            if (name.startsWith(architecture + ".")
                    && !nothing
                    && !read.contains(name)
                    && !withoutInfluence.contains(name.substring(architecture.length() + 1))) {
                throw new UnsupportedModelException(where, name, value, "none");
            }
        }
    }

    /** Says that the fields, as the others are, make no difference. */
    void unused(String... fields) {
        for (String field : fields) {
            refuseNullWhereNeeded(field);
            read.add(field);
        }
    }

    /** Says that a model of this config has none of the parameters, since {@code field} is false. */
    void without(String field, Parameter... parameters) {
        if (!flag(field)) {
            for (Parameter parameter : parameters) {
                without.put(parameter, field);
            }
        }
    }

    /** Says that a model of this config has none of the parameters, since a nested {@code field} is false. */
    void lacks(String field, Parameter... parameters) {
        for (Parameter parameter : parameters) {
            without.put(parameter, field);
        }
    }

    /** Says that models of this family have none of the parameters. */
    void never(Parameter... parameters) {
        for (Parameter parameter : parameters) {
            without.put(parameter, "");
        }
    }

    /** Says that models of this family have the parameters, whatever was said before. */
    void always(Parameter... parameters) {
        for (Parameter parameter : parameters) {
            without.remove(parameter);
        }
    }

    /** Parameters that the model has not, each with the field that says so; empty where it is the family. */
    Map<Parameter, String> without() {
        return without;
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
    Activation activation(String field) {
        String name = text(field)
                .orElseThrow(() -> new ConfigException(
                        where, "field '" + field + "' is missing.", "The name of a non-linearity belongs there."));
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null) {
            throw new UnsupportedModelException(where, field, name, String.join(", ", ACTIVATIONS.keySet()));
        }
        return activation;
    }

    /** The same, with the name of a config that leaves the field out. */
    Activation activation(String field, String otherwise) {
        return has(field) ? activation(field) : new ConfigFields(where, Map.of(field, otherwise)).activation(field);
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

    /** One field of a part of this config. */
    ConfigFields of(String field, Object value) {
        return new ConfigFields(where, Map.of(field, value));
    }

    /** These fields, and those of {@code other} that these lack. */
    ConfigFields over(ConfigFields other) {
        Map<String, Object> both = new TreeMap<>(other.values);
        both.putAll(values);
        return new ConfigFields(where, both);
    }

    /** The fields that are not null. */
    ConfigFields withoutNulls() {
        Map<String, Object> given = new TreeMap<>(values);
        given.values().removeIf(Objects::isNull);
        return new ConfigFields(where, given);
    }

    /** The config nested in {@code field}, of {@code modelType} unless it says otherwise; heads as the outer one says. */
    ConfigFields inner(String field, String modelType) {
        if (!(raw(field) instanceof Map<?, ?> map)) {
            throw new ConfigException(where, "field '" + field + "' is missing.", "A nested config belongs there.");
        }
        Map<String, Object> inner = new TreeMap<>();
        map.forEach((name, value) -> inner.put(name.toString(), value));
        inner.putIfAbsent("model_type", modelType);
        for (String outer : List.of("architectures", "id2label", "tie_word_embeddings")) {
            if (values.containsKey(outer)) {
                inner.put(outer, values.get(outer));
            }
        }
        read.addAll(List.of("architectures", "id2label", "tie_word_embeddings"));
        ConfigFields fields = library(where + ", " + field, inner);
        inners.add(fields);
        return fields;
    }

    boolean empty() {
        return values.isEmpty();
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

    /** False where the field is null, as in the library. */
    boolean flag(String field) {
        return flag(field, false);
    }

    boolean flag(String field, boolean otherwise) {
        Object value = raw(field);
        if (value != null && !(value instanceof Boolean)) {
            throw new ConfigException(where, "field '" + field + "' is " + value + ".", "true or false belongs there.");
        }
        return value == null ? otherwise : (Boolean) value;
    }

    Optional<String> text(String field) {
        return Optional.ofNullable(raw(field)).map(Object::toString);
    }

    /** Refuses the config unless {@code field} is absent or one of {@code allowed}. */
    void only(String field, String expected, Object... allowed) {
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

    private static boolean same(Object found, Object allowed) {
        return found instanceof Number a && allowed instanceof Number b
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
        throw new ConfigException(where, "field '" + field + "' is " + value + ".", "A number belongs there.");
    }
}
