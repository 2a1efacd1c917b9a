package dev.kausal.engine.config;

import dev.kausal.engine.config.Preprocessing.Centring;
import dev.kausal.engine.config.Preprocessing.Interpolation;
import dev.kausal.engine.config.Preprocessing.Resize;
import dev.kausal.engine.config.Preprocessing.Size;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@link Preprocessing} from preprocessor_config.json, or from a timm model's config. */
public final class PreprocessingReader {
    private static final double BYTE = 1 / 255.0;

    private PreprocessingReader() {}

    /**
     * Reads preprocessor_config.json, older field names included; absent fields take the library class's defaults.
     *
     * @param modelType model_type of config.json, which determines the class if the file does not
     * @param channels channels that the model reads
     */
    public static Preprocessing huggingFace(ConfigFields file, String modelType, int channels) {
        checkChannels(file.where(), "num_channels", channels);
        String name = ImageProcessors.name(file, modelType);
        ConfigFields f = ImageProcessors.completed(file, name);
        boolean rescalesFirst = name.equals(ImageProcessors.RESCALES_FIRST);
        if (rescalesFirst) {
            f.only("do_center_crop", "false", false);
            f.only("do_rescale", "true", true);
            f.only("resample", "2 (bilinear), 3 (bicubic)", 2, 3);
        }
        f.only("do_pad", "false", false);
        boolean crops = f.flag("do_center_crop", false);
        boolean scales = f.flag("do_rescale", true);
        boolean normalises = f.flag("do_normalize", true);
        return new Preprocessing(
                f.flag("do_resize", true) ? Optional.of(resize(f)) : Optional.empty(),
                crops ? Optional.of(size(f, "crop_size")) : Optional.empty(),
                Centring.HUGGING_FACE,
                scales ? f.positive("rescale_factor", BYTE) : 1,
                normalises ? byChannel(f, "image_mean", channels) : Collections.nCopies(channels, 0.0),
                normalises ? byChannel(f, "image_std", channels) : Collections.nCopies(channels, 1.0),
                rescalesFirst);
    }

    /** Refuses channel counts that picture files do not have: they are grey or colour. */
    private static void checkChannels(Object where, String field, int channels) {
        if (channels != 1 && channels != Preprocessing.COLOURS) {
            throw new UnsupportedModelException(
                    where,
                    field,
                    channels,
                    "1 (grey) and 3 (red, green, blue), the only ones in picture files. Pass such a model its"
                            + " pixels from Java: ModelConfig.image");
        }
    }

    /** Reads one number per channel, or one for all. */
    private static List<Double> byChannel(ConfigFields f, String field, int channels) {
        return f.raw(field) instanceof Number one
                ? Collections.nCopies(channels, one.doubleValue())
                : f.numbers(field, channels);
    }

    private static Resize resize(ConfigFields f) {
        Interpolation interpolation = interpolation(f);
        if (f.raw("size") instanceof Map<?, ?>) {
            ConfigFields size = f.nested("size");
            size.only("longest_edge", "absent");
            if (size.has("shortest_edge")) {
                return new Resize.ShorterSide(side(size, "shortest_edge"), interpolation);
            }
        } else if (f.raw("size") instanceof Number && !f.flag("default_to_square", true)) {
            return new Resize.ShorterSide(side(f, "size"), interpolation);
        }
        return new Resize.Stretch(size(f, "size"), interpolation);
    }

    /** Reads rows and columns; older files give one number for both. */
    private static Size size(ConfigFields f, String field) {
        if (f.raw(field) instanceof Map<?, ?>) {
            ConfigFields size = f.nested(field);
            return limited(f, field, size.count("height"), size.count("width"));
        }
        int[] both = f.pair(field, 1);
        return limited(f, field, both[0], both[1]);
    }

    /** Returns the length of the shorter side, if a square of that side is within the pixel limit. */
    private static int side(ConfigFields f, String field) {
        int side = f.count(field);
        return limited(f, field, side, side).rows();
    }

    /** Returns the size if it is within the pixel limit, which is checked before any picture is decoded. */
    private static Size limited(ConfigFields f, String field, int rows, int columns) {
        if (rows < 1 || columns < 1 || (long) rows * columns > Preprocessing.MOST_PIXELS) {
            throw new ConfigException(
                    f.where(),
                    "field '" + field + "' asks for images of " + rows + " x " + columns + " pixels.",
                    "Set a size from 1 x 1 to " + Preprocessing.MOST_PIXELS + " pixels in total.");
        }
        return new Size(rows, columns);
    }

    /** Reads an interpolation by Pillow's number. */
    private static Interpolation interpolation(ConfigFields f) {
        f.only("resample", "0 (nearest), 2 (bilinear), 3 (bicubic)", 0, 2, 3);
        return switch (f.whole("resample", 2)) {
            case 0 -> Interpolation.NEAREST;
            case 3 -> Interpolation.BICUBIC;
            default -> Interpolation.BILINEAR;
        };
    }

    /**
     * Reads timm's resize to floor(input / crop_pct): by the shorter side, to cover a non-square size, or stretched,
     * according to crop_mode; then a crop to the input's size.
     *
     * @param shape the model's image size and patches
     */
    public static Preprocessing timm(ConfigFields config, PatchConfig shape) {
        ConfigFields f = TimmModels.pretrained(config);
        int channels = shape.channels();
        checkChannels(f.where(), "in_chans", channels);
        f.only("crop_mode", "center, squash", "center", "squash");
        f.only("interpolation", "bilinear, bicubic", "bilinear", "bicubic");
        List<Double> input = f.numbers("input_size", 3);
        // A model of fixed size reads that size, whatever its original pictures had.
        Size size = TimmModels.flexible(config)
                ? limited(f, "input_size", input.get(1).intValue(), input.get(2).intValue())
                : new Size(shape.rows(), shape.columns());
        double kept = f.positive("crop_pct");
        Size larger =
                limited(f, "crop_pct", (int) Math.floor(size.rows() / kept), (int) Math.floor(size.columns() / kept));
        return new Preprocessing(
                Optional.of(timm(f, larger)),
                Optional.of(size),
                Centring.TORCHVISION,
                BYTE,
                averaged(f, "mean", channels),
                averaged(f, "std", channels));
    }

    private static Resize timm(ConfigFields f, Size to) {
        boolean bicubic = f.text("interpolation").orElse("bicubic").equals("bicubic");
        Interpolation interpolation = bicubic ? Interpolation.BICUBIC : Interpolation.BILINEAR;
        if (f.text("crop_mode").orElse("center").equals("squash")) {
            return new Resize.Stretch(to, interpolation);
        }
        return to.rows() == to.columns()
                ? new Resize.ShorterSide(to.rows(), interpolation)
                : new Resize.Cover(to, interpolation);
    }

    /** Reads a list by channel: timm takes one number for all channels, and the mean of a list of another length. */
    private static List<Double> averaged(ConfigFields f, String field, int channels) {
        if (!(f.raw(field) instanceof List<?> list)) {
            return byChannel(f, field, channels);
        }
        List<Double> numbers = f.numbers(field, list.size());
        return numbers.size() == channels
                ? numbers
                : Collections.nCopies(
                        channels,
                        numbers.stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElseThrow());
    }
}
