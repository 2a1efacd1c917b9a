package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.Image;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.rows.InputPositions;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Resampling;
import dev.kausal.engine.tensor.Slices;
import java.util.List;
import java.util.function.Function;

/** Embeds images into the rows before the first layer. Arrays belong to the open NDScope. */
final class ImageEmbedding {
    private final PatchConfig shape;
    private final Weights weights;
    private final LayerMaths maths;

    ImageEmbedding(PatchConfig shape, Weights weights, LayerMaths maths) {
        this.shape = shape;
        this.weights = weights;
        this.maths = maths;
    }

    /** Returns prefix tokens and projected patches: [row, d_model]. */
    NDArray embed(List<InputPositions> rows, NDManager local) {
        return gathered(rows, local, image -> tokens(image, local));
    }

    /** Returns position embeddings [row, d_model]; zeros for positions without one. */
    NDArray positions(List<InputPositions> rows, NDManager local) {
        return gathered(rows, local, image -> positions(image, local));
    }

    private static NDArray gathered(List<InputPositions> rows, NDManager local, Function<Image, NDArray> whole) {
        NDList parts = new NDList();
        for (InputPositions one : rows) {
            NDArray all = whole.apply(Present.of(one.input().image(), "image of this input"));
            boolean every = one.positions().length == all.getShape().get(0);
            parts.add(every ? all : Slices.gather(all, local.create(one.positions())));
        }
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    private NDArray tokens(Image image, NDManager local) {
        NDList parts = new NDList();
        for (Parameter token :
                List.of(Parameter.CLASS_TOKEN, Parameter.DISTILLATION_TOKEN, Parameter.REGISTER_TOKENS)) {
            NDArray row = weights.find(token);
            if (row != null) {
                parts.add(row);
            }
        }
        int down = image.rows() / shape.patchRows();
        int across = image.columns() / shape.patchColumns();
        NDArray patches = Recording.nativeCopy(local.create(image.pixels()))
                .reshape(shape.channels(), down, shape.patchRows(), across, shape.patchColumns())
                .transpose(1, 3, 0, 2, 4)
                .reshape((long) down * across, shape.patchWidth());
        NDArray bias = weights.find(Parameter.PATCH_EMBED_BIAS);
        parts.add(maths.project(patches, weights.get(Parameter.PATCH_EMBED), bias));
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    private NDArray positions(Image image, NDManager local) {
        NDArray table = weights.get(Parameter.POSITION_EMBED);
        int positioned = shape.positioned();
        long width = table.getShape().get(1);
        NDList parts = new NDList();
        if (positioned > 0) {
            parts.add(Slices.of(table, 0, 0, positioned));
        }
        int bare = shape.prefix().size() - positioned;
        if (bare > 0) {
            parts.add(local.zeros(new Shape(bare, width)));
        }
        NDArray patches = Slices.of(table, 0, positioned, table.getShape().get(0));
        parts.add(resampled(patches, image, local));
        return parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
    }

    /** Resamples the model's own position embeddings [patch, d_model] to the image's grid. */
    private NDArray resampled(NDArray patches, Image image, NDManager local) {
        if (image.rows() == shape.rows() && image.columns() == shape.columns()) {
            return patches;
        }
        int down = shape.rows() / shape.patchRows();
        int across = shape.columns() / shape.patchColumns();
        int newDown = image.rows() / shape.patchRows();
        int newAcross = image.columns() / shape.patchColumns();
        long width = patches.getShape().get(1);
        NDArray rows = matrix(across, newAcross, local)
                .expandDims(0)
                .repeat(0, down)
                .matMul(patches.reshape(down, across, width));
        return matrix(down, newDown, local)
                .matMul(rows.reshape(down, newAcross * width))
                .reshape((long) newDown * newAcross, width);
    }

    private NDArray matrix(int from, int to, NDManager local) {
        return Recording.nativeCopy(
                local.create(new Resampling(from, to, shape.antialias()).matrix(from), new Shape(to, from)));
    }
}
