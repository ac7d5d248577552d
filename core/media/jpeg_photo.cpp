#include "core/media/jpeg_photo.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/errors.h"
#include "core/media/photo_containers.h"
#include "core/media/photo_format.h"

// After the C headers that it forgets to include.
#include <jerror.h>
#include <jpeglib.h>

namespace mgdm {

namespace {

// libjpeg returns from an error by a jump, across which no C++ object may live: everything that outlives it lies in
// `JpegReader` and `JpegWriter`, and the functions that set the jump declare nothing else.
struct JpegErrors : jpeg_error_mgr {
  jmp_buf jump;
  bool damaged = false;
  std::array<char, JMSG_LENGTH_MAX> words{};
};

void jump_back(j_common_ptr codec) {
  auto* errors = static_cast<JpegErrors*>(codec->err);
  errors->format_message(codec, errors->words.data());
  std::longjmp(errors->jump, 1);
}

// A warning is damage where picture data are wrong or missing. Others (bytes between two markers, an odd Adobe marker)
// are in many good files.
void note_warning(j_common_ptr codec, int level) {
  auto* errors = static_cast<JpegErrors*>(codec->err);
  if (level >= 0) return;
  switch (errors->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      errors->damaged = true;
      break;
    default:
      break;
  }
}

void quiet(JpegErrors& errors) {
  jpeg_std_error(&errors);
  errors.error_exit = jump_back;
  errors.emit_message = note_warning;
  errors.output_message = [](j_common_ptr) {};
}

struct JpegReader {
  jpeg_decompress_struct codec{};
  JpegErrors errors{};
  cv::Mat pixels;
  int good = 0;  ///< rows before the first damage

  explicit JpegReader(const std::string& bytes) {
    codec.err = &errors;
    quiet(errors);
    if (setjmp(errors.jump) != 0) return;
    jpeg_create_decompress(&codec);
    codec.mem->max_memory_to_use = 0;
    jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  ~JpegReader() { jpeg_destroy_decompress(&codec); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool header() {
    if (setjmp(errors.jump) != 0) return false;
    return jpeg_read_header(&codec, TRUE) == JPEG_HEADER_OK;
  }

  // False where nothing could be decoded.
  bool decode() {
    if (setjmp(errors.jump) != 0) {
      errors.damaged = true;
      return !pixels.empty();
    }
    jpeg_start_decompress(&codec);
    pixels.create(static_cast<int>(codec.output_height), static_cast<int>(codec.output_width),
                  CV_8UC(codec.output_components));
    pixels.setTo(cv::Scalar::all(kMissing));
    while (codec.output_scanline < codec.output_height) {
      JSAMPROW row = pixels.ptr(static_cast<int>(codec.output_scanline));
      jpeg_read_scanlines(&codec, &row, 1);
      if (!errors.damaged) good = static_cast<int>(codec.output_scanline);
    }
    jpeg_finish_decompress(&codec);
    return true;
  }

  jvirt_barray_ptr* coefficients() {
    if (setjmp(errors.jump) != 0) return nullptr;
    return jpeg_read_coefficients(&codec);
  }
};

struct JpegWriter {
  jpeg_compress_struct codec{};
  JpegErrors errors{};
  unsigned char* data = nullptr;
  unsigned long size = 0;

  JpegWriter() {
    codec.err = &errors;
    quiet(errors);
    if (setjmp(errors.jump) != 0) return;
    jpeg_create_compress(&codec);
    jpeg_mem_dest(&codec, &data, &size);
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&codec);
    std::free(data);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  std::string bytes() const { return {reinterpret_cast<const char*>(data), size}; }

  // `tables`: a file that was read as far as its header, or null.
  bool encode(const cv::Mat& pixels, const jpeg_decompress_struct* like) {
    if (setjmp(errors.jump) != 0) return false;
    codec.image_width = static_cast<JDIMENSION>(pixels.cols);
    codec.image_height = static_cast<JDIMENSION>(pixels.rows);
    codec.input_components = pixels.channels();
    codec.in_color_space = pixels.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, 95, TRUE);
    for (int c = 0; c < codec.num_components; ++c)
      codec.comp_info[c].h_samp_factor = codec.comp_info[c].v_samp_factor = 1;
    if (like != nullptr) take_tables(*like);
    codec.optimize_coding = TRUE;
    jpeg_start_compress(&codec, TRUE);
    while (codec.next_scanline < codec.image_height) {
      auto* row = const_cast<JSAMPROW>(pixels.ptr(static_cast<int>(codec.next_scanline)));
      jpeg_write_scanlines(&codec, &row, 1);
    }
    jpeg_finish_compress(&codec);
    return true;
  }

  bool write(jpeg_decompress_struct& source, jvirt_barray_ptr* coefficients) {
    if (setjmp(errors.jump) != 0) return false;
    jpeg_copy_critical_parameters(&source, &codec);
    if (source.progressive_mode != 0) jpeg_simple_progression(&codec);
    codec.optimize_coding = TRUE;
    codec.write_JFIF_header = source.saw_JFIF_marker;
    jpeg_write_coefficients(&codec, coefficients);
    jpeg_finish_compress(&codec);
    return true;
  }

 private:
  void take_tables(const jpeg_decompress_struct& like) {
    // A file that stores RGB has one way of packing for all; ours is YCbCr unless the tables are for the same.
    if (like.jpeg_color_space == JCS_RGB && codec.num_components == 3) jpeg_set_colorspace(&codec, JCS_RGB);
    for (int t = 0; t < NUM_QUANT_TBLS; ++t) {
      if (like.quant_tbl_ptrs[t] == nullptr) continue;
      if (codec.quant_tbl_ptrs[t] == nullptr)
        codec.quant_tbl_ptrs[t] = jpeg_alloc_quant_table(reinterpret_cast<j_common_ptr>(&codec));
      std::memcpy(codec.quant_tbl_ptrs[t]->quantval, like.quant_tbl_ptrs[t]->quantval, sizeof(JQUANT_TBL::quantval));
    }
    for (int c = 0; c < codec.num_components; ++c) {
      const jpeg_component_info& from = like.comp_info[std::min(c, like.num_components - 1)];
      codec.comp_info[c].quant_tbl_no = from.quant_tbl_no;
      if (c >= like.num_components || codec.num_components == 1) continue;
      codec.comp_info[c].h_samp_factor = from.h_samp_factor;
      codec.comp_info[c].v_samp_factor = from.v_samp_factor;
    }
  }
};

bool same_layout(const jpeg_decompress_struct& a, const jpeg_decompress_struct& b) {
  if (a.num_components != b.num_components || a.jpeg_color_space != b.jpeg_color_space) return false;
  for (int c = 0; c < a.num_components; ++c) {
    if (a.comp_info[c].h_samp_factor != b.comp_info[c].h_samp_factor ||
        a.comp_info[c].v_samp_factor != b.comp_info[c].v_samp_factor ||
        a.comp_info[c].width_in_blocks != b.comp_info[c].width_in_blocks ||
        a.comp_info[c].height_in_blocks != b.comp_info[c].height_in_blocks)
      return false;
  }
  return true;
}

// Blocks of one component that hold a changed pixel, from `from` to `to`. False: libjpeg gave up.
bool copy_changed_blocks(JpegReader& to, jvirt_barray_ptr* to_blocks, JpegReader& from, jvirt_barray_ptr* from_blocks,
                         int component, const cv::Mat& changed) {
  if (setjmp(to.errors.jump) != 0 || setjmp(from.errors.jump) != 0) return false;
  const jpeg_component_info& info = to.codec.comp_info[component];
  const int across = 8 * to.codec.max_h_samp_factor / info.h_samp_factor,
            down = 8 * to.codec.max_v_samp_factor / info.v_samp_factor;
  for (JDIMENSION y = 0; y < info.height_in_blocks; ++y) {
    const auto row = [&](JpegReader& reader, jvirt_barray_ptr* blocks) {
      auto* codec = reinterpret_cast<j_common_ptr>(&reader.codec);
      return (*codec->mem->access_virt_barray)(codec, blocks[component], y, 1, TRUE)[0];
    };
    JBLOCKROW into = row(to, to_blocks), out_of = row(from, from_blocks);
    for (JDIMENSION x = 0; x < info.width_in_blocks; ++x) {
      const cv::Rect block = cv::Rect(static_cast<int>(x) * across, static_cast<int>(y) * down, across, down) &
                             cv::Rect(0, 0, changed.cols, changed.rows);
      if (!block.empty() && cv::countNonZero(changed(block)) > 0) std::memcpy(into[x], out_of[x], sizeof(JBLOCK));
    }
  }
  return true;
}

}  // namespace

DecodedPhoto decode_jpeg(const std::filesystem::path& file, const std::string& bytes) {
  JpegReader reader(bytes);
  if (!reader.header()) refuse_photo(file, std::string("is a damaged JPEG (") + reader.errors.words.data() + ")");
  check_photo_size(file, reader.codec.image_width, reader.codec.image_height);
  DecodedPhoto photo;
  switch (reader.codec.jpeg_color_space) {
    case JCS_GRAYSCALE:
      photo.colors = PhotoColors::Grey;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      photo.colors = PhotoColors::Cmyk;
      reader.codec.out_color_space = JCS_CMYK;
      break;
    case JCS_RGB:
    case JCS_YCbCr:
      reader.codec.out_color_space = JCS_RGB;
      break;
    default:
      refuse_photo(file, "is a JPEG of " + std::to_string(reader.codec.num_components) +
                             " channels without a colour space; save it anew in another program");
  }
  if (!reader.decode())
    refuse_photo(file, std::string("is a JPEG that cannot be decoded (") + reader.errors.words.data() + ")");
  photo.pixels = reader.pixels;
  photo.damaged = reader.errors.damaged;
  if (photo.damaged) {
    // A progressive file has all rows from its first scan on: what is missing is detail.
    const int unit = 8 * reader.codec.max_v_samp_factor,
              good = reader.codec.progressive_mode != 0 ? photo.pixels.rows : reader.good / unit * unit;
    if (good < photo.pixels.rows) {
      photo.pixels.rowRange(good, photo.pixels.rows).setTo(cv::Scalar::all(kMissing));
      photo.notes.push_back(missing_rows(good, photo.pixels.rows));
    } else {
      photo.notes.emplace_back("the file is damaged or cut off: some of the picture is missing or coarse");
    }
  }
  // Adobe's programs, and so nearly all, store the ink inverted.
  if (photo.colors == PhotoColors::Cmyk && reader.codec.saw_Adobe_marker != 0)
    cv::bitwise_not(photo.pixels, photo.pixels);
  return photo;
}

std::string encode_jpeg(const std::filesystem::path& file, const cv::Mat& pixels, const std::string& like) {
  if (pixels.cols > 65500 || pixels.rows > 65500)
    refuse_photo(file, "cannot be a JPEG: its sides are above 65500 pixels");
  JpegWriter writer;
  if (!like.empty()) {
    JpegReader source(like);
    if (source.header() &&
        (source.codec.jpeg_color_space == JCS_YCbCr || source.codec.jpeg_color_space == JCS_RGB ||
         source.codec.jpeg_color_space == JCS_GRAYSCALE) &&
        writer.encode(pixels, &source.codec))
      return writer.bytes();
  }
  JpegWriter plain;
  if (!plain.encode(pixels, nullptr))
    refuse_photo(file, std::string("cannot be encoded (") + plain.errors.words.data() + ")");
  return plain.bytes();
}

std::string patch_jpeg(const std::string& source, const cv::Mat& pixels, const cv::Mat& changed) {
  JpegReader old(source);
  if (!old.header()) return {};
  jvirt_barray_ptr* kept = old.coefficients();
  if (kept == nullptr) return {};
  JpegWriter writer;
  if (cv::countNonZero(changed) > 0) {
    JpegWriter anew;
    JpegReader header(source);
    if (!header.header() || !anew.encode(pixels, &header.codec)) return {};
    const std::string bytes = anew.bytes();
    JpegReader fresh(bytes);
    if (!fresh.header()) return {};
    jvirt_barray_ptr* blocks = fresh.coefficients();
    if (blocks == nullptr || !same_layout(old.codec, fresh.codec)) return {};
    for (int c = 0; c < old.codec.num_components; ++c) {
      if (!copy_changed_blocks(old, kept, fresh, blocks, c, changed)) return {};
    }
    return writer.write(old.codec, kept) ? writer.bytes() : std::string();
  }
  return writer.write(old.codec, kept) ? writer.bytes() : std::string();
}

int guess_jpeg_quality(const std::string& bytes) {
  if (photo_format(bytes) != PhotoFormat::Jpeg) return 0;
  // Annex K.1 of the JPEG standard, in zigzag order as in the file.
  constexpr std::array<int, 64> kLuminance{16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
                                           26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
                                           56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
                                           95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};
  std::array<int, 64> table{};
  bool found = false;
  visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
    if (marker != 0xdb) return true;
    for (size_t at = 0; at < content.size();) {
      const int kind = static_cast<unsigned char>(content[at]), width = (kind >> 4) != 0 ? 2 : 1;
      if (at + 1 + static_cast<size_t>(64 * width) > content.size()) return true;
      if ((kind & 15) == 0) {
        for (int i = 0; i < 64; ++i)
          table[static_cast<size_t>(i)] =
              static_cast<int>(big_number(content, at + 1 + static_cast<size_t>(i * width), width));
        found = true;
      }
      at += 1 + static_cast<size_t>(64 * width);
    }
    return true;
  });
  if (!found) return 0;
  int best = 0;
  long best_distance = 0;
  for (int quality = 1; quality <= 100; ++quality) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    long distance = 0;
    for (size_t i = 0; i < 64; ++i)
      distance += std::abs(std::clamp((kLuminance[i] * scale + 50) / 100, 1, 255) - table[i]);
    if (best == 0 || distance < best_distance) {
      best = quality;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace mgdm
