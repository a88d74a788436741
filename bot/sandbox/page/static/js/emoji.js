/** Emoji by the short names that people and bots write; those that are not here show as their name. */

const TABLE = `
smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 rofl 🤣 slightly_smiling_face 🙂 wink 😉 blush 😊 innocent 😇
heart_eyes 😍 star-struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 thinking_face 🤔 neutral_face 😐
expressionless 😑 unamused 😒 rolling_eyes 🙄 relieved 😌 pensive 😔 sleeping 😴 sunglasses 😎 nerd_face 🤓
confused 😕 worried 😟 slightly_frowning_face 🙁 open_mouth 😮 astonished 😲 flushed 😳 cry 😢 sob 😭 scream 😱
sweat_smile 😅 sweat 😓 weary 😩 tired_face 😫 angry 😠 rage 😡 exploding_head 🤯 partying_face 🥳 hugging_face 🤗
face_with_rolling_eyes 🙄 zipper_mouth_face 🤐 robot_face 🤖 ghost 👻 skull 💀 poop 💩 clown_face 🤡
wave 👋 raised_hand ✋ ok_hand 👌 v ✌️ crossed_fingers 🤞 point_left 👈 point_right 👉 point_up ☝️ point_down 👇
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏 muscle 💪
eyes 👀 eye 👁️ bust_in_silhouette 👤 busts_in_silhouette 👥 person_raising_hand 🙋 shrug 🤷 bow 🙇
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 broken_heart 💔
sparkling_heart 💖 100 💯 boom 💥 sparkles ✨ star ⭐ star2 🌟 dizzy 💫 fire 🔥 zap ⚡ rainbow 🌈 sunny ☀️ cloud ☁️
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 ribbon 🎀 trophy 🏆 medal 🎖️ sports_medal 🏅 first_place_medal 🥇
birthday 🎂 cake 🍰 cookie 🍪 doughnut 🍩 pizza 🍕 coffee ☕ tea 🍵 beer 🍺 beers 🍻 champagne 🍾 wine_glass 🍷
rocket 🚀 airplane ✈️ car 🚗 house 🏠 office 🏢 bank 🏦 hourglass ⌛ hourglass_flowing_sand ⏳ watch ⌚
alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock3 🕒 clock9 🕘 calendar 📆 date 📅 spiral_calendar_pad 🗓️
email 📧 e-mail 📧 envelope ✉️ incoming_envelope 📨 mailbox 📫 inbox_tray 📥 outbox_tray 📤 package 📦 memo 📝
pencil 📝 pencil2 ✏️ clipboard 📋 pushpin 📌 round_pushpin 📍 paperclip 📎 link 🔗 scissors ✂️ lock 🔒 unlock 🔓 key 🔑
bookmark 🔖 label 🏷️ books 📚 book 📖 newspaper 📰 bar_chart 📊 chart_with_upwards_trend 📈
chart_with_downwards_trend 📉 file_folder 📁 open_file_folder 📂 card_index 📇 page_facing_up 📄 receipt 🧾
moneybag 💰 money_with_wings 💸 dollar 💵 euro 💶 pound 💷 yen 💴 credit_card 💳 coin 🪙 shopping_trolley 🛒
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎
heavy_multiplication_x ✖️ no_entry ⛔ no_entry_sign 🚫 warning ⚠️ rotating_light 🚨 exclamation ❗ question ❓
grey_question ❔ bangbang ‼️ information_source ℹ️ bulb 💡 bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣 mag 🔍
speech_balloon 💬 thought_balloon 💭 wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ construction 🚧 shield 🛡️
recycle ♻️ repeat 🔁 arrows_counterclockwise 🔄 arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️
arrow_forward ▶️ double_vertical_bar ⏸️ pause_button ⏸️ fast_forward ⏩ stop_sign 🛑 checkered_flag 🏁
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_orange_diamond 🔶 large_blue_diamond 🔷
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ seedling 🌱 herb 🌿 four_leaf_clover 🍀 sunflower 🌻 bouquet 💐 dog 🐶 cat 🐱
snail 🐌 turtle 🐢 bug 🐛 bee 🐝 unicorn_face 🦄 earth_americas 🌎 globe_with_meridians 🌐 iphone 📱 computer 💻
technologist 🧑‍💻 art 🎨 dart 🎯 game_die 🎲 crystal_ball 🔮 test_tube 🧪 microscope 🔬 telescope 🔭 satellite_antenna 📡
thread 🧵 snowflake ❄️ umbrella ☂️ ship 🚢 anchor ⚓ ticket 🎫 admission_tickets 🎟️ crown 👑 gem 💎
`;

const EMOJI = new Map();
const words = TABLE.trim().split(/\s+/);
for (let at = 0; at < words.length; at += 2) EMOJI.set(words[at], words[at + 1]);

/** The character of a short name, or null. Skin tones (`:wave::skin-tone-3:`) are left out by the caller. */
export function emoji(name) {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, "")) ?? null;
}

/** Short names that begin so, for completion. */
export function emojiLike(prefix, limit) {
  return [...EMOJI].filter(([name]) => name.startsWith(prefix)).slice(0, limit);
}
