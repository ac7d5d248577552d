#include "core/media/sound_tags.h"

#include <taglib/aifffile.h>
#include <taglib/attachedpictureframe.h>
#include <taglib/fileref.h>
#include <taglib/flacfile.h>
#include <taglib/id3v2tag.h>
#include <taglib/mpegfile.h>
#include <taglib/oggfile.h>
#include <taglib/tpropertymap.h>
#include <taglib/wavfile.h>
#include <taglib/xiphcomment.h>

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "core/media/image_file.h"

namespace mgdm {

namespace {

using Picture = TagLib::FLAC::Picture;

TagLib::ID3v2::Tag* id3_of(TagLib::File* file) {
  if (auto* mpeg = dynamic_cast<TagLib::MPEG::File*>(file)) return mpeg->ID3v2Tag();
  if (auto* wav = dynamic_cast<TagLib::RIFF::WAV::File*>(file)) return wav->ID3v2Tag();
  if (auto* aiff = dynamic_cast<TagLib::RIFF::AIFF::File*>(file)) return aiff->tag();
  return nullptr;
}

TagLib::Ogg::XiphComment* xiph_of(TagLib::File* file) {
  auto* ogg = dynamic_cast<TagLib::Ogg::File*>(file);
  return ogg == nullptr ? nullptr : dynamic_cast<TagLib::Ogg::XiphComment*>(ogg->tag());
}

std::vector<std::unique_ptr<Picture>> pictures_of(TagLib::File* file) {
  std::vector<std::unique_ptr<Picture>> pictures;
  const auto take = [&](const TagLib::List<Picture*>& list) {
    for (const Picture* picture : list) {
      auto copy = std::make_unique<Picture>();
      copy->parse(picture->render());
      pictures.push_back(std::move(copy));
    }
  };
  if (auto* flac = dynamic_cast<TagLib::FLAC::File*>(file)) take(flac->pictureList());
  if (auto* xiph = xiph_of(file)) take(xiph->pictureList());
  if (auto* id3 = id3_of(file)) {
    for (TagLib::ID3v2::Frame* frame : id3->frameList("APIC")) {
      const auto* attached = dynamic_cast<TagLib::ID3v2::AttachedPictureFrame*>(frame);
      if (attached == nullptr) continue;
      auto picture = std::make_unique<Picture>();
      picture->setType(static_cast<Picture::Type>(attached->type()));
      picture->setMimeType(attached->mimeType());
      picture->setDescription(attached->description());
      picture->setData(attached->picture());
      pictures.push_back(std::move(picture));
    }
  }
  return pictures;
}

void add_pictures(TagLib::File* file, std::vector<std::unique_ptr<Picture>> pictures) {
  auto* flac = dynamic_cast<TagLib::FLAC::File*>(file);
  auto* xiph = xiph_of(file);
  auto* id3 = id3_of(file);
  if (flac != nullptr) flac->removePictures();
  if (xiph != nullptr) xiph->removeAllPictures();
  if (id3 != nullptr) id3->removeFrames("APIC");
  for (auto& picture : pictures) {
    if (flac != nullptr) {
      flac->addPicture(picture.release());
    } else if (xiph != nullptr) {
      xiph->addPicture(picture.release());
    } else if (id3 != nullptr) {
      auto* frame = new TagLib::ID3v2::AttachedPictureFrame;  // the tag's own from now on
      frame->setType(static_cast<TagLib::ID3v2::AttachedPictureFrame::Type>(picture->type()));
      frame->setMimeType(picture->mimeType());
      frame->setDescription(picture->description());
      frame->setPicture(picture->data());
      id3->addFrame(frame);
    }
  }
}

bool of_the_first_recording_alone(const std::string& key) {
  constexpr std::array<std::string_view, 8> beginnings{"REPLAYGAIN_",         "R128_",  "ISRC",     "ACOUSTID_",
                                                       "MUSICBRAINZ_TRACKID", "ENCODE", "ITUNNORM", "LENGTH"};
  for (const std::string_view beginning : beginnings) {
    if (key.starts_with(beginning)) return true;
  }
  return false;
}

}  // namespace

void copy_tags(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& what) {
  const TagLib::FileRef source(from.c_str(), false);
  if (source.isNull()) return;
  TagLib::PropertyMap kept;
  const TagLib::PropertyMap properties = source.file()->properties();
  for (const auto& [key, values] : properties) {
    if (!of_the_first_recording_alone(key.to8Bit(true))) kept.insert(key, values);
  }
  auto pictures = pictures_of(source.file());
  if (kept.isEmpty() && pictures.empty()) return;
  if (!what.empty() && kept.contains("TITLE") && !kept["TITLE"].isEmpty()) {
    TagLib::String& title = kept["TITLE"].front();
    title += TagLib::String(" (" + what + ")", TagLib::String::UTF8);
  }
  TagLib::FileRef target(to.c_str(), false);
  if (target.isNull()) return;  // RF64, beyond 4 GB
  if (target.file()->readOnly()) throw MediaError(to.string() + ": its tags cannot be written");
  target.file()->setProperties(kept);
  add_pictures(target.file(), std::move(pictures));
  if (!target.save()) throw MediaError(to.string() + ": its tags cannot be written");
}

}  // namespace mgdm
