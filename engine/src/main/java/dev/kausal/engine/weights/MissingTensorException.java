package dev.kausal.engine.weights;

import dev.kausal.engine.names.NearestNames;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** A tensor name that the weight file does not have. */
public final class MissingTensorException extends WeightsException {
    private static final long serialVersionUID = 1L;
    private static final int SUGGESTED = 3;

    private final String name;
    private final String[] nearest;

    /**
     * @param path the file or folder
     * @param name requested name
     * @param known all existing names; the nearest few are suggested
     */
    public MissingTensorException(Path path, String name, Collection<String> known) {
        this(path, name, known.size(), NearestNames.of(name, known, SUGGESTED));
    }

    private MissingTensorException(Path path, String name, int count, List<String> nearest) {
        super(
                Blame.USER,
                path,
                "No tensor '" + name + "' in " + path + ": found " + count + " tensors"
                        + nearest.stream()
                                .map(near -> "'" + near + "'")
                                .collect(Collectors.joining(", ", ", nearest: ", ""))
                        + ". Check the name, and that the file belongs to the model's family.");
        this.name = name;
        this.nearest = nearest.toArray(String[]::new);
    }

    public String name() {
        return name;
    }

    /** Returns the names most similar to the requested one, best first. */
    public List<String> nearest() {
        return List.of(nearest);
    }
}
