package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoint;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * What a reader of the residual stream reads, with one writer's output of another run in place of the edited run's: a
 * patch of the edge between them. Everything else that reaches the reader stays.
 *
 * @param other the run whose output of the writer is put in, with as many rows as the edit has
 * @param own the run whose output of the writer is taken out, and the edit's rows: the edited run before the edit. If
 *     other edits of a cell change the writer's output, it is a run with these edits
 * @param writer the hook point that shows the writer's output, of the stream's width
 * @param part the writer's units there
 */
public record EdgeFromRun(FromRun other, FromRun own, HookPoint writer, Part part) implements Replacement {
    @Override
    public List<Integer> runs() {
        return List.of(other.run(), own.run());
    }

    @Override
    public List<HookPoint> points(HookPoint at) {
        return List.of(writer);
    }

    @Override
    public Optional<Averaged> averaged() {
        return Optional.empty();
    }

    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public boolean adds() {
        return true;
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return new EdgeFromRun(renumbered(other, runs), renumbered(own, runs), writer, part);
    }

    private static FromRun renumbered(FromRun from, IntUnaryOperator runs) {
        return new FromRun(runs.applyAsInt(from.run()), from.rows());
    }

    @Override
    public Optional<EdgeFromRun> edge() {
        return Optional.of(this);
    }

    /** Returns the same patch of other rows, equal in both runs. */
    public EdgeFromRun at(PositionRange rows) {
        return new EdgeFromRun(new FromRun(other.run(), rows), new FromRun(own.run(), rows), writer, part);
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        NDArray change = output(other, sources).sub(output(own, sources));
        if (change.size() != before.size()) {
            throw new EditException(
                    target.site(),
                    "reads " + before.size() + " numbers, but the other run's output at " + writer + " has "
                            + change.size() + ". Use equally many positions, and one reader.");
        }
        NDArray added = sources.added(own.run(), writer, own.rows(), change);
        return before.add(added.reshape(before.getShape()));
    }

    private NDArray output(FromRun from, Sources sources) {
        return new Target(writer, part).cut(sources.activation(from.run(), writer.name()), from.rows());
    }
}
